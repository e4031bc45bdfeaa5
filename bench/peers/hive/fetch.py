"""Fetches a table as a peer does: fetch.py pyhive|impyla NOSASL|PLAIN PORT TABLE. Prints rows per second of each way to fetch, as JSON.

Every way reads all rows and makes all values: text, date, Decimal, float, as the peer gives them by default. Rows: fetchmany, 1,000 and
10,000 rows a fetch (the server gives no more). Columns: impyla's fetchcolumnar with its own fetch size, and with its conversion of dates
and decimals switched off.
"""
import json
import sys
import time

peer, auth, port, table = sys.argv[1:5]


def connect():
    if peer == "pyhive":
        from pyhive import hive

        return hive.connect(host="127.0.0.1", port=int(port), username="hive", auth="NOSASL" if auth == "NOSASL" else "NONE")
    from impala.dbapi import connect as impala

    return impala(host="127.0.0.1", port=int(port), user="hive", password="x", auth_mechanism=auth)


def in_rows(size):
    def fetch(cursor):
        rows = 0
        while batch := cursor.fetchmany(size):
            rows += len(batch)
        return rows

    return size, fetch


def in_columns(cursor):
    return sum(len(batch) for batch in cursor.fetchcolumnar())


def run(size, fetch, options):
    connection = connect()
    cursor = connection.cursor(**options)
    # as Basketwise does: rows at once, not after the server has gathered the whole result
    cursor.execute("SET hive.fetch.task.caching=false")
    if size:
        cursor.arraysize = size
    start = time.perf_counter()
    cursor.execute(f"SELECT * FROM {table}")
    rows = fetch(cursor)
    seconds = time.perf_counter() - start
    cursor.close()
    connection.close()
    if rows != 1_000_000:
        raise SystemExit(f"{peer}: {rows} rows")
    return rows / seconds


ways = {f"rows, {size} a fetch": (*in_rows(size), {}) for size in (1000, 10000)}
if peer == "impyla":
    ways["columns"] = (None, in_columns, {})
    ways["columns, unconverted"] = (None, in_columns, {"convert_types": False})
print(json.dumps({way: run(*how) for way, how in ways.items()}))
