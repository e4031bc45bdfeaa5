# The peer's side of tuning.ts: one line of JSON asks for trials on one campaign, one line answers.
import json
import sys
import time

import numpy as np
import scipy.sparse as sparse
from implicit.als import AlternatingLeastSquares


def matrix(rows, columns):
    start = np.cumsum([0] + [len(row) for row in rows])
    pairs = [pair for row in rows for pair in row]
    column = np.array([pair[0] for pair in pairs], dtype=np.int32)
    value = np.array([pair[1] for pair in pairs], dtype=np.float32)
    return sparse.csr_matrix((value, column, start), shape=(len(rows), columns))


def prepare(path):
    """The matrix of all training customers, the test customers, and the row of each test customer in the matrix."""
    with open(path) as file:
        about = json.load(file)
    training, place = [], {}
    for row in about["rows"]:
        if row["customers"] > 0:
            place.setdefault(json.dumps(sorted(row["entries"])), len(training))
        training.extend([row["entries"]] * int(row["customers"]))
    tests = [test["entries"] for test in about["tests"]]
    known = [place.get(json.dumps(sorted(entries)), -1) for entries in tests]
    columns = about["columns"]
    targets = [test["targets"] for test in about["tests"]]
    return matrix(training, columns), matrix(tests, columns), np.array(known), targets, np.array(about["allowed"])


def ndcg(lists, targets):
    """Mean NDCG@5; ideal for each customer's number of targets."""
    gain = 1 / np.log2(np.arange(2, 7))
    hit = np.array([np.isin(ids[:5], wanted) for ids, wanted in zip(lists, targets)])
    ideal = np.array([gain[: min(5, len(wanted))].sum() for wanted in targets])
    return float((hit @ gain / ideal).mean())


def trial(parameters, prepared, threads):
    train, tests, known, targets, allowed = prepared
    begin = time.perf_counter()
    model = AlternatingLeastSquares(
        factors=parameters["factors"],
        regularization=parameters["regularization"],
        alpha=parameters["alpha"],
        iterations=parameters["iterations"],
        num_threads=threads,
        random_state=0,
    )
    model.fit(train, show_progress=False)
    # Who trained has factors already; the others are folded in.
    fold_in = bool((known < 0).any())
    ids, _ = model.recommend(
        np.arange(tests.shape[0]) if fold_in else known,
        tests,
        N=5,
        items=allowed,
        filter_already_liked_items=True,
        recalculate_user=fold_in,
    )
    found = ndcg(ids, targets)
    return time.perf_counter() - begin, found


for line in sys.stdin:
    asked = json.loads(line)
    prepared = prepare(asked["file"])
    results = [trial(parameters, prepared, asked["threads"]) for parameters in asked["trials"]]
    print(json.dumps({"seconds": [s for s, _ in results], "ndcg": [n for _, n in results]}), flush=True)
