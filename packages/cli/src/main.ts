process.stderr.write('basketwise: nothing here yet\n');
