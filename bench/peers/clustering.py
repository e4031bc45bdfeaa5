# The peers' side of clustering.ts: reads the same rows, prints one JSON document per run.
import json
import sys
import time

import numpy as np


def timed(run):
    begin, used = time.perf_counter(), time.process_time()
    run()
    return {"seconds": time.perf_counter() - begin, "processor": time.process_time() - used}


def kmeans(spec):
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    rows = np.fromfile(spec["file"], dtype=np.float32).reshape(-1, spec["columns"])
    k = spec["k"]
    start = rows[[j * len(rows) // k for j in range(k)]]
    model = KMeans(k, init=start, n_init=1, max_iter=spec["iterations"], tol=0, algorithm="lloyd")
    with threadpool_limits(spec["threads"]):
        times = timed(lambda: model.fit(rows))
    return {**times, "cost": float(model.inertia_), "iterations": int(model.n_iter_)}


def kprototypes(spec):
    from kmodes.kprototypes import KPrototypes

    numeric = np.fromfile(spec["file"], dtype=np.float32).reshape(-1, spec["columns"])
    codes = np.fromfile(spec["codes"], dtype=np.uint16).reshape(len(numeric), -1)
    rows = np.empty((len(numeric), numeric.shape[1] + codes.shape[1]), dtype=object)
    rows[:, : numeric.shape[1]] = numeric
    rows[:, numeric.shape[1] :] = codes
    model = KPrototypes(spec["k"], gamma=spec["gamma"], n_init=1, init="Cao", random_state=0)
    categorical = list(range(numeric.shape[1], rows.shape[1]))
    times = timed(lambda: model.fit(rows, categorical=categorical))
    return {**times, "cost": float(model.cost_), "iterations": int(model.n_iter_)}


spec = json.loads(sys.argv[1])
print(json.dumps({"kmeans": kmeans, "kprototypes": kprototypes}[spec["run"]](spec)))
