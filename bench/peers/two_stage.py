# The peers' side of two-stage.ts: RecTools' two-stage model as a bank's data team would put it together, its candidates (two popularities, two ALS, item kNN)
# ranked by CatBoost, or by LightGBM. Its grid is tuned on the newest window before the date. Reads a file of settings; answers, by ranker, what was chosen,
# seconds, and five products for each customer of the campaign.
import itertools
import json
import resource
import sys
import time
from datetime import timedelta

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, CatBoostRanker
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from lightgbm import LGBMRanker
from rectools import Columns
from rectools.dataset import Dataset
from rectools.model_selection import Splitter
from rectools.models import ImplicitALSWrapperModel, ImplicitItemKNNWrapperModel, PopularModel
from rectools.models.ranking import (
    CandidateFeatureCollector,
    CandidateGenerator,
    CandidateRankingModel,
    CatBoostReranker,
    Reranker,
)
from rectools.models.ranking.candidate_ranking import NegativeSamplerBase

pairs = Columns.UserItem
long_ago = pd.Timestamp("1980-01-01")


class Bank:
    """The bank's tables, as they were on any date."""

    def __init__(self, spec):
        read = lambda table: pd.read_parquet(f"{spec['tables']}/{table}.parquet")
        customers, products, holdings = read("customers"), read("products"), read("holdings")
        self.customers = customers.set_index("id")
        self.products = products[products["class"].isin(spec["columns"])].set_index("name")
        self.of_class = self.products.index[self.products["class"] == spec["class"]]
        holdings = holdings[holdings["name"].isin(self.products.index)].rename(columns={"id": Columns.User, "name": Columns.Item})
        holdings["opened"] = holdings["opened"].fillna(long_ago)
        self.holdings = holdings.sort_values("opened", kind="stable")
        counts = self.holdings[Columns.Item].value_counts()
        self.often = sorted(counts.index[:30])
        self.is_upsell = spec["kind"] == "upsell"

    def held(self, at):
        opened, closed = self.holdings["opened"], self.holdings["closed"]
        return self.holdings[(opened <= at) & ~(closed <= at)].drop_duplicates(pairs, keep="last")

    def bought(self, after, until):
        opened, closed = self.holdings["opened"], self.holdings["closed"]
        return self.holdings[(opened > after) & (opened <= until) & ~(closed < opened)].drop_duplicates(pairs)

    def on_sale(self, at):
        ends = self.products.loc[self.of_class, "sale_end"]
        return self.of_class[(ends.isna() | (ends >= at)).to_numpy()]

    def targets(self, at):
        """Targets of the campaign: holders of its class or, for a cross-sell, holders of other classes alone."""
        held = self.held(at)
        holders = held.loc[held[Columns.Item].isin(self.of_class), Columns.User].unique()
        return holders if self.is_upsell else np.setdiff1d(held[Columns.User].unique(), holders)

    def dataset(self, at):
        held = self.held(at).rename(columns={"opened": Columns.Datetime}).assign(weight=1.0)
        return Dataset.construct(held[Columns.Interactions])

    def to_find(self, after, until):
        """What addressed customers bought of what was on sale and known at the beginning, and they did not hold."""
        bought, held = self.bought(after, until), self.held(after)
        known = self.holdings.loc[self.holdings["opened"] <= after, Columns.Item].unique()
        bought = bought[bought[Columns.Item].isin(self.on_sale(after).intersection(known))]
        bought = bought[bought[Columns.User].isin(self.targets(after))]
        mine = bought.merge(held[pairs], on=pairs, how="left", indicator=True)
        return mine.loc[mine["_merge"] == "left_only", pairs]


class Features(CandidateFeatureCollector):
    """Age and sex, what is held and since when, and how products sold lately."""

    def __init__(self, bank, at, window):
        self.bank, self.at, self.window = bank, at, window

    def as_of(self, fold_info):
        return self.at if fold_info is None else fold_info["at"]

    def _get_user_features(self, users, dataset, fold_info):
        at, bank = self.as_of(fold_info), self.bank
        known = bank.customers.reindex(users)
        born = pd.to_datetime(known["born"])
        age = at.year - born.dt.year - ((born.dt.month > at.month) | ((born.dt.month == at.month) & (born.dt.day > at.day)))
        sexes = sorted(bank.customers["sex"].fillna("").unique())
        found = pd.DataFrame({"age": age, "sex": pd.Categorical(known["sex"].fillna(""), categories=sexes)}, index=known.index)
        held = bank.held(at)
        held = held[held[Columns.User].isin(users)].assign(months=lambda rows: (at - rows["opened"]).dt.days / 30.44)
        by = held.groupby(Columns.User)
        found["products"] = by.size()
        found["newest_months"] = by["months"].min()
        newest = held.drop_duplicates(Columns.User, keep="last").set_index(Columns.User)[Columns.Item]
        found["newest"] = pd.Categorical(newest.reindex(found.index).fillna(""), categories=["", *bank.products.index])
        often = held[held[Columns.Item].isin(bank.often)].pivot_table(index=Columns.User, columns=Columns.Item, values="months", aggfunc="min")
        often = often.reindex(index=found.index, columns=bank.often)
        often.columns = [f"held {i}" for i in range(len(bank.often))]
        return found.join(often).rename_axis(Columns.User).reset_index()

    def _get_item_features(self, items, dataset, fold_info):
        at, bank = self.as_of(fold_info), self.bank
        sold = lambda after: bank.bought(after, at)[Columns.Item].value_counts().reindex(items).fillna(0).to_numpy()
        return pd.DataFrame(
            {
                Columns.Item: items,
                "product": pd.Categorical(items, categories=list(bank.products.index)),
                "sold_window": sold(at - self.window),
                "sold_year": sold(at - pd.DateOffset(years=1)),
            }
        )


class OnSale(NegativeSamplerBase):
    """Keeps, of the pairs to learn from, products that were on sale: all of them, as there are few."""

    def __init__(self, bank, at):
        self.products = bank.on_sale(at)

    def sample_negatives(self, train):
        return train[train[Columns.Item].isin(self.products)]


class DatedTwoStage(CandidateRankingModel):
    """The two-stage model whose rankers learn from what was bought after a date: its history is what was held then, closed since or not."""

    def __init__(self, bank, after, at, window, reranker, threads):
        als = lambda factors: ImplicitALSWrapperModel(
            AlternatingLeastSquares(factors, regularization=10, alpha=10, iterations=15, num_threads=threads, random_state=0)
        )
        models = [PopularModel(), PopularModel(period=timedelta(days=365)), als(8), als(32), ImplicitItemKNNWrapperModel(CosineRecommender(K=50, num_threads=threads))]
        first = [CandidateGenerator(model, num_candidates=30, keep_ranks=True, keep_scores=True) for model in models]
        super().__init__(first, Splitter(), reranker, OnSale(bank, after), Features(bank, at, window))
        self.bank, self.after, self.at = bank, after, at

    def split_to_history_dataset_and_train_targets(self, dataset, splitter):
        history = self.bank.dataset(self.after)
        return history, self.bank.to_find(self.after, self.at), {"at": self.after}


class Keep(Reranker):
    """Keeps the rows to learn from and to rank, for all settings of a grid at once."""

    def __init__(self):
        super().__init__(None)

    def fit(self, candidates_with_target):
        self.training = candidates_with_target

    def predict_scores(self, candidates):
        self.candidates = candidates
        return np.zeros(len(candidates))


class LightGbmReranker(Reranker):
    def prepare_fit_kwargs(self, candidates_with_target):
        rows = candidates_with_target.sort_values(Columns.User, kind="stable")
        return {**super().prepare_fit_kwargs(rows), "group": rows.groupby(Columns.User).size().to_numpy()}


class Without:
    """A ranker without the purchase dates of the most held products."""

    def __init__(self, ranker):
        self.ranker = ranker

    def fit(self, rows):
        self.ranker.fit(self.cut(rows))

    def predict_scores(self, rows):
        return self.ranker.predict_scores(self.cut(rows))

    def recommend(self, *args, **kwargs):
        return self.ranker.recommend(*args, **kwargs)

    def cut(self, rows):
        return rows.drop(columns=[name for name in rows.columns if name.startswith("held ")])


def catboost(loss, depth, iterations, threads):
    kind = CatBoostClassifier if loss == "Logloss" else CatBoostRanker
    model = kind(loss_function=loss, depth=depth, iterations=iterations, learning_rate=0.05, random_seed=0, thread_count=threads, verbose=False, allow_writing_files=False)
    return CatBoostReranker(model, pool_kwargs={"cat_features": ["sex", "newest", "product"]})


def lightgbm(leaves, rounds, least, threads):
    # with so few rows a second thread costs more than it gives
    model = LGBMRanker(num_leaves=leaves, n_estimators=rounds, learning_rate=0.05, min_child_samples=least, cat_smooth=30, random_state=0, deterministic=True, force_row_wise=True, n_jobs=1, verbose=-1)
    return LightGbmReranker(model)


rankers = {
    "CatBoost": (catboost, dict(loss=["Logloss", "YetiRank"], depth=[4, 6], iterations=[100, 300])),
    "LightGBM": (lightgbm, dict(leaves=[4, 8, 16], rounds=[100, 300], least=[10, 50])),
}


def ranker_of(name, settings, held, threads):
    ranker = rankers[name][0](**settings, threads=threads)
    return ranker if held else Without(ranker)


def ndcg(rows, scores, wanted):
    """Mean NDCG@5 by customer; `wanted` has pairs."""
    listed = rows[pairs].assign(score=scores).sort_values([Columns.User, "score"], ascending=[True, False], kind="stable")
    listed["rank"] = listed.groupby(Columns.User).cumcount() + 1
    hits = listed[listed["rank"] <= 5].merge(wanted, on=pairs)
    gain = (1 / np.log2(hits["rank"] + 1)).groupby(hits[Columns.User]).sum()
    ideals = np.cumsum(1 / np.log2(np.arange(2, 7)))
    sizes = wanted.groupby(Columns.User).size()
    return (gain.reindex(sizes.index).fillna(0) / ideals[np.minimum(sizes, 5) - 1]).mean()


def tune(bank, dates, window, threads):
    """The best settings of each ranker on the newest inner window, and seconds."""
    at, since = dates[0], dates[1]
    wanted = bank.to_find(since, at)
    best = {name: (-1.0,) for name in rankers}
    taken = dict.fromkeys(rankers, 0.0)
    for span in [1, 2, 4]:
        begin = time.perf_counter()
        keep = Keep()
        model = DatedTwoStage(bank, dates[1 + span], since, window, keep, threads)
        dataset = bank.dataset(since)
        model.fit(dataset)
        model.recommend(wanted[Columns.User].unique(), dataset, k=5, filter_viewed=True, items_to_recommend=bank.on_sale(since))
        made = time.perf_counter() - begin
        for name, (_, grid) in rankers.items():
            begin = time.perf_counter()
            for held, *values in itertools.product([True, False], *grid.values()):
                settings = dict(zip(grid, values))
                ranker = ranker_of(name, settings, held, threads)
                ranker.fit(keep.training)
                score = ndcg(keep.candidates, ranker.predict_scores(keep.candidates), wanted)
                if score > best[name][0]:
                    best[name] = (score, span, held, settings)
            taken[name] += made + time.perf_counter() - begin
    return {name: (best[name], taken[name]) for name in rankers}


with open(sys.argv[1]) as file:
    spec = json.load(file)
# the date, and the beginnings of the windows before it
dates = [pd.Timestamp(date) for date in spec["dates"]]
window, threads = pd.DateOffset(months=spec["months"]), spec["threads"]
answers = []
for name, ((score, span, held, settings), seconds) in tune(Bank(spec), dates, window, threads).items():
    begin = time.perf_counter()
    bank = Bank(spec)
    model = DatedTwoStage(bank, dates[span], dates[0], window, ranker_of(name, settings, held, threads), threads)
    dataset = bank.dataset(dates[0])
    model.fit(dataset)
    listed = model.recommend(bank.targets(dates[0]), dataset, k=5, filter_viewed=True, items_to_recommend=bank.on_sale(dates[0]))
    lists = listed.groupby(Columns.User, sort=False)[Columns.Item].agg(list).to_dict()
    chosen = {**settings, "windows": span, "held": held}
    answers.append(dict(name=name, chosen=chosen, inner=score, tuning=seconds, seconds=time.perf_counter() - begin, lists=lists))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(dict(peak=peak, peers=answers)))
