"""Writes peers.json: what well-known libraries compute on the small data sets that test/reference/drawn.ts draws.

pip install scikit-learn==1.9.1 kmodes==0.12.2 implicit==0.7.3 mlxtend==0.25.0 statsmodels==0.15.0 ir_measures==0.4.3
python3 test/golden/peers.py > test/golden/peers.json && npm run format
"""

import itertools
import json
from importlib.metadata import version

import ir_measures
import numpy as np
import pandas as pd
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from kmodes.kmodes import KModes
from kmodes.kprototypes import KPrototypes
from mlxtend.frequent_patterns import association_rules, fpgrowth
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from statsmodels.discrete.conditional_models import ConditionalLogit


def drawer(seed):
    state = seed

    def draw(below):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return state * below >> 32

    return draw


def drawn_table():
    draw, groups, numbers, texts = drawer(1), [], [], []
    for _ in range(300):
        group = draw(4)
        groups.append(group)
        numbers.append([6 * ((group * (f + 3) + f) % 4) + draw(8) + draw(8) for f in range(3)])
        texts.append([draw(size) if draw(3) == 0 else (group + q) % size for q, size in enumerate((3, 4, 5))])
    return groups, np.array(numbers, dtype=float), np.array(texts)


def drawn_sets():
    draw, sets = drawer(2), []
    for _ in range(400):
        taste = draw(4)
        held = [draw(100) < 4 + p % 5 + (60 if p % 4 == taste else 0) for p in range(20)]
        sets.append([p for p in range(20) if held[p]] or [taste])
    return sets


def drawn_choices():
    draw, choices = drawer(3), []
    for _ in range(300):
        level, first = draw(2), draw(8)
        products = sorted((first + c) % 8 for c in range(4 + draw(3)))
        scores = [[draw(64) / 16 for _ in range(3)] for _ in products]
        utilities = [48 * a + 16 * b + 48 * ((p + level) % 2) + draw(64) + draw(64) for p, (a, b, _) in zip(products, scores)]
        choices.append((level, products, scores, utilities.index(max(utilities))))
    return choices


def drawn_rankings():
    draw, rankings = drawer(4), []
    for _ in range(150):
        scores = [25 * draw(1000) + p for p in range(25)]
        held = [draw(5) == 0 for _ in scores]
        bought = [not held[p] and draw(40000) + score > 50000 for p, score in enumerate(scores)]
        rankings.append((scores, held, [p for p in range(25) if bought[p] or p == held.index(False)]))
    return rankings


def kmeans():
    groups, numbers, _ = drawn_table()
    found = []
    for k in (3, 4, 6):
        rows = [j * 300 // k for j in range(k)]
        fit = KMeans(k, init=numbers[rows], n_init=1, tol=0, algorithm="lloyd").fit(numbers)
        best = KMeans(k, n_init=20, tol=0, random_state=0).fit(numbers).inertia_
        labels = fit.labels_.tolist()
        found.append({
            "k": k,
            "cost": fit.inertia_,
            "best": best,
            "labels": "".join(map(str, labels)),
            "centres": fit.cluster_centers_.round(9).ravel().tolist(),
            "silhouette": silhouette_score(numbers, labels),
            "adjustedRand": adjusted_rand_score(groups, labels),
        })
    return found


def kprototypes():
    groups, numbers, texts = drawn_table()
    rows = np.hstack([numbers.astype(object), texts.astype(object)])
    found = []
    for k in (3, 4):
        at = [j * 300 // k for j in range(k)]
        modes = KModes(k, init="Cao", n_init=1).fit(texts)
        start = [numbers[at], texts[at]]
        fit = KPrototypes(k, init=start, n_init=1, gamma=20, random_state=0).fit(rows, categorical=[3, 4, 5])
        best = KPrototypes(k, init="Huang", n_init=20, gamma=20, random_state=0).fit(rows, categorical=[3, 4, 5])
        best_modes = KModes(k, init="Huang", n_init=20, random_state=0).fit(texts)
        found.append({
            "k": k,
            "cost": fit.cost_,
            "sizes": np.bincount(fit.labels_).tolist(),
            "best": best.cost_,
            "cao": int(modes.cost_),
            "modes": int(best_modes.cost_),
        })
    gamma = KPrototypes(2, n_init=1).fit(rows, categorical=[3, 4, 5]).gamma
    apart = cdist(numbers, numbers, "sqeuclidean") + 20 * 3 * cdist(texts, texts, "hamming")
    silhouette = silhouette_score(np.sqrt(apart), groups, metric="precomputed")
    return {"gamma": gamma, "silhouetteOfGroups": silhouette, "fits": found}


def matrix(sets, value=lambda customer, item: 1.0):
    cells = [(customer, item, value(customer, item)) for customer, held in enumerate(sets) for item in held]
    of, items, values = zip(*cells)
    return csr_matrix((np.array(values, dtype=np.float32), (of, items)), shape=(len(sets), 20)).tocsr()


def als(plus):
    rows = matrix(drawn_sets(), lambda customer, item: plus + 40 * (1 + (7 * customer + 3 * item) % 3))
    c = rows.toarray().astype(float)
    p, c = c > 0, np.where(c > 0, c, 1)
    model = AlternatingLeastSquares(8, regularization=0.1, use_cg=False, dtype=np.float64, iterations=10, num_threads=1)
    model.item_factors = np.array([[0.01 * ((31 * i + 17 * k) % 97 - 48) / 48 for k in range(8)] for i in range(20)])
    objectives = []

    def after(*_):
        x, y = model.user_factors, model.item_factors
        objectives.append((c * (p - x @ y.T) ** 2).sum() + 0.1 * ((x * x).sum() + (y * y).sum()))

    model.fit(rows, show_progress=False, callback=after)
    scores = model.user_factors @ model.item_factors.T
    return {
        "plus": plus,
        "objectives": [objectives[sweep - 1] for sweep in (1, 2, 5, 10)],
        "yNorm": np.linalg.norm(model.item_factors),
        "meanHeld": scores[p].mean(),
        "meanAll": scores.mean(),
    }


def item_knn():
    rows, found = matrix(drawn_sets()), []
    for similarity, recommender in (("cosine", CosineRecommender), ("tfidf", TFIDFRecommender), ("bm25", BM25Recommender)):
        model = recommender(K=6)
        model.fit(rows, show_progress=False)
        for customer in (3, 150):
            items, scores = model.recommend(customer, rows[customer], N=5)
            named = {"items": [f"p{item + 10}" for item in items], "scores": [round(score, 9) for score in scores.tolist()]}
            found.append({"similarity": similarity, "neighbours": 6, "customer": customer, **named})
    return found


def hashed(index, seed):
    h = (index + seed * 0x9E3779B9) % 2**32
    h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
    h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
    return h ^ h >> 16


def bpr():
    """Mean AUC of the hidden item among those not held, over five seeds: the best of some settings."""
    sets = drawn_sets()
    tested = {c: held[hashed(c, 202) * len(held) >> 32] for c, held in enumerate(sets) if len(held) > 1 and hashed(c, 101) % 5 == 0}
    train = [[item for item in held if item != tested.get(c)] for c, held in enumerate(sets)]
    rows = matrix(train)

    def auc(factors, rate, regularization, iterations, seed):
        model = BayesianPersonalizedRanking(factors, rate, regularization, iterations=iterations, num_threads=1, random_state=seed)
        model.fit(rows, show_progress=False)
        scores = model.user_factors @ model.item_factors.T
        others = {c: [i for i in range(20) if i not in sets[c]] for c in tested}
        return np.mean([np.mean(scores[c, others[c]] < scores[c, hidden]) for c, hidden in tested.items()])

    settings = itertools.product((4, 16), (0.01, 0.05, 0.1), (0.001, 0.01, 0.1), (30, 100))
    means = {setting: np.mean([auc(*setting, seed) for seed in range(5)]) for setting in settings}
    best = max(means, key=means.get)
    return {"settings": best, "auc": means[best], "tested": len(tested)}


def frequent_sets():
    held = pd.DataFrame(matrix(drawn_sets()).toarray() > 0)
    found = fpgrowth(held, min_support=0.025)
    rules = association_rules(found, metric="confidence", min_threshold=0.5)
    metrics = ["support", "confidence", "lift", "leverage", "conviction", "zhangs_metric", "jaccard", "certainty", "kulczynski"]
    return {
        "sizes": found["itemsets"].map(len).value_counts().sort_index().tolist(),
        "rules": len(rules),
        "rulesOfOne": int((rules["consequents"].map(len) == 1).sum()),
        "means": {name.removesuffix("s_metric"): rules[name].mean() for name in metrics},
    }


def conditional_logit(with_level):
    """Weights of the scores and the log-likelihood; `with_level`: with effects of two levels on products, centred at shares 1/4 and 3/4."""
    rows, chosen, groups = [], [], []
    for choice, (level, products, scores, taken) in enumerate(drawn_choices()):
        for c, product in enumerate(products):
            effects = [(1.0 if level == 1 else -3.0) * (product == p) for p in range(1, 8)] if with_level else []
            rows.append([*scores[c], *effects])
            chosen.append(int(c == taken))
            groups.append(choice)
    fit = ConditionalLogit(np.array(chosen), np.array(rows), groups=np.array(groups)).fit(method="newton", disp=False)
    return {"weights": fit.params[:3].tolist(), "logLikelihood": fit.llf}


def ranking_metrics():
    bought, run = {}, {}
    for customer, (scores, held, targets) in enumerate(drawn_rankings()):
        bought[f"c{customer}"] = {f"p{target}": 1 for target in targets}
        run[f"c{customer}"] = {f"p{p}": float(score) for p, score in enumerate(scores) if not held[p]}
    names = {"hit rate": "Success@5", "precision": "P@5", "recall": "R@5", "map": "AP", "ndcg": "nDCG@5", "ndcg of 10": "nDCG@10", "mrr": "RR"}
    measures = {name: ir_measures.parse_measure(text) for name, text in names.items()}
    found = ir_measures.calc_aggregate(list(measures.values()), bought, run)
    return {name: found[measure] for name, measure in measures.items()}


packages = ["scikit-learn", "kmodes", "implicit", "mlxtend", "statsmodels", "ir_measures", "pytrec_eval-terrier", "numpy", "scipy"]
figures = {
    "versions": {name: version(name) for name in packages},
    "kmeans": kmeans(),
    "kprototypes": kprototypes(),
    "als": [als(1), als(0)],
    "itemKnn": item_knn(),
    "bpr": bpr(),
    "frequentSets": frequent_sets(),
    "conditionalLogit": {"alone": conditional_logit(False), "withLevel": conditional_logit(True)},
    "rankingMetrics": ranking_metrics(),
}
print(json.dumps(figures, indent=2, default=float))
