"""Fetches a table as a peer does: fetch.py pyhive|impyla NOSASL|PLAIN PORT TABLE. Prints rows per second of the fetch, best batch size."""
import sys
import time

peer, auth, port, table = sys.argv[1:5]


def connect():
    if peer == "pyhive":
        from pyhive import hive

        return hive.connect(host="127.0.0.1", port=int(port), username="hive", auth="NOSASL" if auth == "NOSASL" else "NONE")
    from impala.dbapi import connect as impala

    return impala(host="127.0.0.1", port=int(port), user="hive", password="x", auth_mechanism=auth)


def run(size):
    connection = connect()
    cursor = connection.cursor()
    # as Basketwise does: rows at once, not after the server has gathered the whole result
    cursor.execute("SET hive.fetch.task.caching=false")
    cursor.arraysize = size
    start = time.perf_counter()
    cursor.execute(f"SELECT * FROM {table}")
    rows = 0
    while True:
        batch = cursor.fetchmany(size)
        if not batch:
            break
        rows += len(batch)
    seconds = time.perf_counter() - start
    cursor.close()
    connection.close()
    return rows / seconds


print(max(run(size) for size in (1000, 10000)))
