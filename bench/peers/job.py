# The job of one cross-sell campaign as it is written by hand with pandas and implicit: tables in, recommendations out, both Parquet.
import glob
import json
import resource
import sys
import time

import numpy as np
import pandas as pd
import scipy.sparse
from implicit.als import AlternatingLeastSquares

spec = json.loads(sys.argv[1])
begin = time.perf_counter()
times = {}


def lap(name):
    times[name] = time.perf_counter() - begin - sum(times.values())


def read(table, columns):
    files = sorted(glob.glob(f"{spec['data']}/*/{table}.parquet"))
    return pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)


reference = pd.Timestamp(spec["referenceDate"])
customers = read("customers", ["csno", "CONSENT_YN"])
products = pd.read_parquet(f"{spec['data']}/000/products.parquet")
holdings = read("holdings", ["csno", "gds_korn_nm", "open_dt", "close_dt"])
holdings["open_dt"] = pd.to_datetime(holdings["open_dt"])
holdings["close_dt"] = pd.to_datetime(holdings["close_dt"])
lap("read")

# What has no date is held since long ago.
holdings = holdings[~(holdings["open_dt"] > reference) & ~(holdings["close_dt"] <= reference)]
names = products.drop_duplicates("gds_korn_nm", keep="last").set_index("gds_korn_nm")
names = names[names["gds_class"].isin(["deposit", "insurance"])]
holdings = holdings[holdings["gds_korn_nm"].isin(names.index)]
holdings = holdings.sort_values("open_dt", na_position="first").drop_duplicates(["csno", "gds_korn_nm"], keep="last")
weights = np.full(len(holdings), 0.25, dtype=np.float32)
for months, weight in [(36, 0.5), (12, 0.75), (6, 1.0)]:
    weights[holdings["open_dt"] >= reference - pd.DateOffset(months=months)] = weight
row = pd.Index(customers["csno"]).get_indexer(holdings["csno"])
column = names.index.get_indexer(holdings["gds_korn_nm"])
constant = scipy.sparse.csr_matrix(np.ones((len(customers), 1), dtype=np.float32))
held = scipy.sparse.csr_matrix((weights, (row, column)), shape=(len(customers), len(names)))
matrix = scipy.sparse.hstack([held, constant], format="csr", dtype=np.float32)
lap("prepare")

model = AlternatingLeastSquares(
    factors=64, regularization=40, alpha=10, iterations=15, num_threads=spec["threads"], use_gpu=False, random_state=0
)
model.fit(matrix, show_progress=False)
lap("train")

insurance = (names["gds_class"] == "insurance").to_numpy()
ended = pd.to_datetime(names["sale_end_dt"], format="%Y%m%d", errors="coerce").to_numpy() <= reference.to_datetime64()
holder = np.asarray(held[:, insurance].sum(axis=1)).ravel() > 0
targets = np.flatnonzero(~holder & (customers["CONSENT_YN"] == "Y").to_numpy())
barred = np.append(np.flatnonzero(~insurance | ended), len(names))
ids, scores = model.recommend(targets, matrix[targets], N=5, filter_already_liked_items=True, filter_items=barred)
lap("score")

n = ids.shape[1]
flat = ids.ravel()
result = pd.DataFrame(
    {
        "customer": np.repeat(customers["csno"].to_numpy()[targets], n),
        "campaign": "insurance-cross",
        "rank": np.tile(np.arange(1, n + 1, dtype=np.int32), len(targets)),
        "product_code": names["gds_cd"].to_numpy()[flat],
        "product_name": names.index.to_numpy()[flat],
        "score": scores.ravel(),
    }
)
result.to_parquet(spec["result"])
lap("write")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": time.perf_counter() - begin, "stages": times, "rows": len(result), "peak": peak}))
