# The peers' side of als.ts, topn.ts and long-rows.ts: answers one command, a line of JSON, with a line of JSON.
import json
import sys
import time

import implicit
import numpy as np
import scipy
import scipy.sparse
from als_objective import objective_of
from implicit.als import AlternatingLeastSquares
from implicit.cpu.als import AlternatingLeastSquares as CpuModel
from threadpoolctl import threadpool_info, threadpool_limits

state = {}


def load(c):
    """Holdings as packed entries (product << 8 | band) by customer, and the item factors to start from."""
    start = np.fromfile(f"{c['folder']}/start.u32", dtype=np.uint32).astype(np.int32)
    entry = np.fromfile(f"{c['folder']}/entry.u32", dtype=np.uint32)
    confidence = np.array(c["confidence"], dtype=np.float32)
    values = confidence[entry & 0xFF]
    entry >>= 8
    customers, products, factors = len(start) - 1, c["products"], c["factors"]
    state["rows"] = scipy.sparse.csr_matrix((values, entry.view(np.int32), start), shape=(customers, products))
    state["model"] = model = AlternatingLeastSquares(
        factors=factors,
        regularization=c["regularization"],
        alpha=1.0,
        use_cg=c["cg"],
        iterations=1,
        num_threads=c["threads"],
        use_gpu=False,
    )
    assert isinstance(model, CpuModel)
    state["factors"], state["folder"] = factors, c["folder"]
    restart({})
    blas = [f"{i['internal_api']} {i['version']} {i.get('architecture', '')}, {i['num_threads']} thread" for i in threadpool_info()]
    versions = {"implicit": implicit.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
    return {"versions": {**versions, "python": sys.version.split()[0], "blas": "; ".join(blas)}}


def restart(_):
    model = state["model"]
    model.item_factors = np.fromfile(f"{state['folder']}/factors.f32", dtype=np.float32).reshape(-1, state["factors"]).copy()
    model.user_factors = np.zeros((state["rows"].shape[0], state["factors"]), dtype=np.float32)
    return {}


def iterate(c):
    """Iterations from the current factors; seconds of each by implicit's own clock: both half-steps alone."""
    seconds = []
    model = state["model"]
    model.iterations = c["iterations"]
    model.fit(state["rows"], show_progress=False, callback=lambda _, elapsed, __: seconds.append(elapsed))
    return {"seconds": seconds}


def objective(_):
    model, rows = state["model"], state["rows"]
    return {"objective": objective_of(rows, rows.data, model.user_factors, model.item_factors, model.regularization)}


def slice_of(c):
    """Takes the customers from .. to and solves their factors from given item factors."""
    model = state["model"]
    folder, f = state["folder"], state["factors"]
    model.item_factors = np.fromfile(f"{folder}/model.f32", dtype=np.float32).reshape(-1, f)
    model._YtY = None
    state["rows"] = rows = state["rows"][c["from"] : c["to"]]
    model.user_factors = model.recalculate_user(np.arange(rows.shape[0]), rows)
    return {"customers": rows.shape[0]}


def recommend(c):
    """implicit's own top-N, one batch call; the lists go to a file."""
    model, rows = state["model"], state["rows"]
    users = np.arange(rows.shape[0])
    begin = time.perf_counter()
    ids, scores = model.recommend(users, rows, N=c["n"], filter_already_liked_items=True)
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, **compare(ids, scores)}


def numpy_top(c):
    """Top-N by hand: a matrix product per block, held products out, argpartition, and a sort of the few."""
    model, rows, n = state["model"], state["rows"], c["n"]
    y = np.ascontiguousarray(model.item_factors.T)
    users = rows.shape[0]
    ids = np.empty((users, n), dtype=np.int64)
    top = np.empty((users, n), dtype=np.float32)
    with threadpool_limits(c["threads"]):
        begin = time.perf_counter()
        for first in range(0, users, c["block"]):
            last = min(first + c["block"], users)
            scores = model.user_factors[first:last] @ y
            low, high = rows.indptr[first], rows.indptr[last]
            held = np.repeat(np.arange(last - first), np.diff(rows.indptr[first : last + 1]))
            scores[held, rows.indices[low:high]] = -np.inf
            best = np.argpartition(scores, -n, axis=1)[:, -n:]
            values = np.take_along_axis(scores, best, axis=1)
            order = np.argsort(-values, axis=1)
            ids[first:last] = np.take_along_axis(best, order, axis=1)
            top[first:last] = np.take_along_axis(values, order, axis=1)
        seconds = time.perf_counter() - begin
    return {"seconds": seconds, **compare(ids, top)}


def compare(ids, scores):
    """How many lists are Basketwise's, how many are so but for scores that are equal to 1e-4 of the largest, and how many are not."""
    n = ids.shape[1]
    ours = np.fromfile(f"{state['folder']}/lists.u32", dtype=np.uint32).reshape(-1, n).astype(np.int64)
    ours_scores = np.fromfile(f"{state['folder']}/lists.f32", dtype=np.float32).reshape(-1, n)
    same = (ids == ours).all(axis=1)
    near = np.abs(scores - ours_scores).max(axis=1) <= 1e-4 * np.abs(ours_scores).max(axis=1)
    return {"same": int(same.sum()), "ties": int((near & ~same).sum()), "different": int((~near).sum()), "lists": len(ids)}


commands = {f.__name__: f for f in (load, restart, iterate, objective, slice_of, recommend, numpy_top)}
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(commands[command.pop("run")](command)), flush=True)
