# The peer's side of columns.ts: LightGBM's multiclass of the product held out, from the other holdings and the columns. Leaves and rounds are tuned on a tenth of
# the customers that are not tested, by log loss; then it is fitted on all of them. Answers the probability of
# each product for each tested customer.
import json
import sys

import lightgbm as lgb
import numpy as np

with open(sys.argv[1]) as file:
    about = json.load(file)
rows, products = about["rows"], about["products"]
held = np.zeros((len(rows), products))
for i, row in enumerate(rows):
    held[i, row["held"]] = 1
x = np.hstack([held, np.array([row["values"] for row in rows], dtype=float)])
y = np.array([row["taken"] for row in rows])
tested = np.array([row["tested"] for row in rows])
categorical = [products + f for f in about["categorical"]]
judged = ~tested & (np.arange(len(rows)) % 10 == 1)
learned = ~tested & ~judged


def data(some):
    return lgb.Dataset(x[some], y[some], categorical_feature=categorical, free_raw_data=False)


best = None
for leaves in [4, 8, 16]:
    settings = dict(objective="multiclass", num_class=products, num_leaves=leaves, learning_rate=0.1, min_data_in_leaf=30, min_sum_hessian_in_leaf=1.0, verbose=-1, seed=0, deterministic=True, num_threads=1, force_row_wise=True)
    model = lgb.train(settings, data(learned), 300, valid_sets=[data(judged)], callbacks=[lgb.early_stopping(15, verbose=False)])
    loss = model.best_score["valid_0"]["multi_logloss"]
    if best is None or loss < best[0]:
        best = (loss, leaves, model.best_iteration, settings)
loss, leaves, rounds, settings = best
model = lgb.train(settings, data(~tested), rounds)
fitted = model.predict(x[~tested])[np.arange(np.sum(~tested)), y[~tested]]
# boosting of many classes may diverge where one is rare
if -np.log(np.maximum(fitted, 1e-15)).mean() > loss:
    raise SystemExit("the last fit has diverged")
print(json.dumps(dict(leaves=leaves, rounds=rounds, loss=loss, chances=model.predict(x[tested]).tolist())))
