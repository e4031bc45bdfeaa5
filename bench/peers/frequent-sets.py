# The peer's side of frequent-sets.ts: reads baskets (one line of item numbers each), prints one JSON document per run.
import json
import sys
import time

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import fpgrowth

spec = json.loads(sys.argv[1])
with open(spec["file"]) as lines:
    baskets = [[int(item) for item in line.split()] for line in lines]
begin = time.perf_counter()
# Only columns that are frequent: the peer need not carry the others, and its table fits into memory.
count = np.zeros(spec["items"], dtype=np.int64)
for basket in baskets:
    count[basket] += 1
frequent = np.flatnonzero(count >= spec["minimum"])
place = np.full(spec["items"], -1)
place[frequent] = np.arange(len(frequent))
held = np.zeros((len(baskets), len(frequent)), dtype=bool)
for row, basket in enumerate(baskets):
    columns = place[basket]
    held[row, columns[columns >= 0]] = True
table = pd.DataFrame(held)
prepared = time.perf_counter() - begin
begin = time.perf_counter()
sets = fpgrowth(table, min_support=spec["support"])
seconds = time.perf_counter() - begin
sizes = sets["itemsets"].map(len).value_counts().sort_index().tolist()
held_by = int(np.rint(sets["support"] * len(baskets)).sum())
print(json.dumps({"seconds": seconds, "prepared": prepared, "sizes": sizes, "support": held_by}))
