# The peer's side of lambdarank.ts: LightGBM's lambdarank on the same choices, members' scores, features and windows. Its grid is tuned on the newest inner
# window; with what was chosen it is fitted on all inner windows. Reads a file of windows, the test first; answers scores of the test's choices.
import itertools
import json
import sys

import lightgbm as lgb
import numpy as np


def rows(window, features):
    """Rows of (choice, candidate): scores of members, the customer's levels, the product; label, size of each choice, weight."""
    parts, labels, sizes = [], [], []
    for choice in window["choices"]:
        chosen = window["sets"][choice["set"]]
        products = np.array(chosen["products"])
        scores = np.array(chosen["scores"]).reshape(len(products), -1)
        levels = np.full(features, -1.0)
        levels[: len(choice["levels"])] = choice["levels"]
        parts.append(np.hstack([scores, np.tile(levels, (len(products), 1)), products[:, None]]))
        labels.append((np.arange(len(products)) == choice["taken"]).astype(int))
        sizes.append(len(products))
    return np.vstack(parts), np.concatenate(labels), np.array(sizes)


def together(some):
    return np.vstack([x for x, _, _, _ in some]), np.concatenate([y for _, y, _, _ in some]), np.concatenate([s for _, _, s, _ in some]), np.concatenate([w for _, _, _, w in some])


def ndcg(scores, labels, sizes):
    total, at = 0.0, 0
    for size in sizes:
        order = np.argsort(-scores[at : at + size], kind="stable")[:5]
        hit = np.flatnonzero(labels[at : at + size][order])
        total += 1 / np.log2(hit[0] + 2) if len(hit) else 0
        at += size
    return total / len(sizes)


def fit(some, leaves, rounds, least, categorical):
    x, y, sizes, weight = together(some)
    settings = dict(objective="lambdarank", num_leaves=leaves, learning_rate=0.05, min_data_in_leaf=least, verbose=-1, seed=0, deterministic=True, num_threads=1, force_row_wise=True, cat_smooth=30)
    return lgb.train(settings, lgb.Dataset(x, y, group=sizes, weight=weight, categorical_feature=categorical), rounds)


with open(sys.argv[1]) as file:
    about = json.load(file)
width, features = about["members"], about["features"]
windows = []
for window in about["windows"]:
    if not window["choices"]:
        continue
    x, y, sizes = rows(window, features)
    windows.append((x, y, sizes, np.full(len(y), window["weight"])))
test, newest, older = windows[0], windows[1], windows[2:]
best = None
for leaves, rounds, least, product in itertools.product([4, 8, 16, 31], [30, 100, 300], [10, 50], [True, False]):
    categorical = list(range(width, width + features + (1 if product else 0)))
    cut = lambda part: (part[0] if product else part[0][:, :-1], *part[1:])
    model = fit([cut(part) for part in older], leaves, rounds, least, categorical)
    score = ndcg(model.predict(cut(newest)[0]), newest[1], newest[2])
    if best is None or score > best[0]:
        best = (score, leaves, rounds, least, product)
_, leaves, rounds, least, product = best
categorical = list(range(width, width + features + (1 if product else 0)))
cut = lambda part: (part[0] if product else part[0][:, :-1], *part[1:])
model = fit([cut(part) for part in windows[1:]], leaves, rounds, least, categorical)
print(json.dumps(dict(leaves=leaves, rounds=rounds, least=least, product=product, scores=model.predict(cut(test)[0]).tolist())))
