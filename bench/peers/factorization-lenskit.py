# LensKit's side of als.ts: its implicit ALS, whose half-iterations are in Rust (Cholesky). Answers one command, a line of JSON, with a line of JSON.
import json
import sys
import time

import lenskit
import numpy as np
import scipy.sparse
from als_objective import objective_of
from lenskit.als import ImplicitMFScorer
from lenskit.als._implicit import ImplicitMFTrainer
from lenskit.data.matrix import SparseRowArray
from lenskit.parallel import initialize

state = {}


def load(c):
    """Holdings as packed entries (product << 8 | band) by customer, and the item factors to start from, handed to LensKit's trainer as its data set would be."""
    initialize(threads=c["threads"], backend_threads=1)
    start = np.fromfile(f"{c['folder']}/start.u32", dtype=np.uint32).astype(np.int32)
    entry = np.fromfile(f"{c['folder']}/entry.u32", dtype=np.uint32)
    # LensKit takes the confidence of what is held above that of what is not
    above = np.array(c["confidence"], dtype=np.float32)[entry & 0xFF] - 1
    entry >>= 8
    customers, products, factors = len(start) - 1, c["products"], c["factors"]
    state["rows"] = rows = scipy.sparse.csr_array((above, entry.view(np.int32), start), shape=(customers, products))
    scorer = ImplicitMFScorer(embedding_size=factors, regularization=c["regularization"], weight=1, use_ratings=True)
    scorer.item_embeddings = np.fromfile(f"{c['folder']}/factors.f32", dtype=np.float32).reshape(-1, factors).copy()
    scorer.user_embeddings = np.zeros((customers, factors), dtype=np.float32)
    trainer = ImplicitMFTrainer.__new__(ImplicitMFTrainer)
    trainer.scorer = scorer
    trainer.ui_rates = SparseRowArray.from_scipy(rows.tocoo())
    trainer.iu_rates = SparseRowArray.from_scipy(rows.T.tocoo())
    trainer._init_contexts()
    state["trainer"] = trainer
    return {"versions": {"lenskit": lenskit.__version__}}


def iterate(c):
    """Iterations that go on from the factors as they are; seconds of each: both half-steps."""
    seconds = []
    for _ in range(c["iterations"]):
        begin = time.perf_counter()
        state["trainer"].train_epoch()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": seconds}


def objective(_):
    scorer, rows = state["trainer"].scorer, state["rows"]
    return {"objective": objective_of(rows, rows.data + 1, scorer.user_embeddings, scorer.item_embeddings, scorer.config.user_reg)}


commands = {f.__name__: f for f in (load, iterate, objective)}
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(commands[command.pop("run")](command)), flush=True)
