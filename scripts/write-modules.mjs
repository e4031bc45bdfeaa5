// The modules of packages as `tsc -b` writes them, without types, source maps and checks, in half of its time.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const read = (root, name) => ts.readConfigFile(join(root, name), ts.sys.readFile).config;

/** The source files of packages that `tsc -b` builds, each with the path of its module. */
export function sourceFiles(root) {
  return read(root, 'tsconfig.json').references.flatMap(({ path }) => {
    const [source, output] = ['src', 'dist'].map((name) => join(root, path, name));
    const names = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
    );
    return names.map((name) => ({ file: join(source, name), module: join(output, name.replace(/\.ts$/, '.js')) }));
  });
}

/** A function that gives the text of a source file's module. */
export function compiler(root) {
  const { options } = ts.convertCompilerOptionsFromJson(read(root, 'tsconfig.base.json').compilerOptions, root);
  // that modules are ESM stands in the package.json of their packages, which are not read
  const own = { module: ts.ModuleKind.ESNext, jsx: ts.JsxEmit.None, composite: false, declaration: false, declarationMap: false };
  const compilerOptions = { ...options, ...own };
  return (file) => ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions, fileName: file }).outputText;
}

/** Writes the modules of all source files that are newer than their modules. */
export function writeModules(root) {
  const moduleOf = compiler(root);
  for (const { file, module } of sourceFiles(root)) {
    if (existsSync(module) && statSync(module).mtimeMs >= statSync(file).mtimeMs) continue;
    mkdirSync(dirname(module), { recursive: true });
    writeFileSync(module, moduleOf(file));
  }
}
