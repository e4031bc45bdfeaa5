"""Figures of evidently, fairlearn, scikit-learn and scipy for test/unit/audit/validation-golden.test.ts.

python3 -m venv env && env/bin/pip install evidently fairlearn scikit-learn scipy && env/bin/python test/golden/validation.py > test/golden/validation.json
"""

import json
from importlib.metadata import version

import numpy as np
import pandas as pd
from evidently.legacy.calculations.stattests.psi import _psi
from evidently.legacy.core import ColumnType
from fairlearn.metrics import MetricFrame, demographic_parity_ratio, selection_rate
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

rng = np.random.default_rng(48)


def psi(reference, now):
    """Counts by category, as evidently counts them, and its index."""
    labels = [str(i) for i in range(len(reference))]
    series = [pd.Series(np.repeat(labels, counts)) for counts in (reference, now)]
    value, _ = _psi(*series, feature_type=ColumnType.Categorical, threshold=0.1)
    return {"reference": [int(n) for n in reference], "now": [int(n) for n in now], "psi": float(value)}


def groups(rates, sizes):
    group = np.repeat(np.arange(len(sizes)), sizes)
    served = np.concatenate([np.repeat([1, 0], [int(rate * n), n - int(rate * n)]) for rate, n in zip(rates, sizes)])
    frame = MetricFrame(metrics=selection_rate, y_true=served, y_pred=served, sensitive_features=group)
    return {
        "sizes": [int(n) for n in sizes],
        "served": [int(served[group == g].sum()) for g in range(len(sizes))],
        "ratio": float(demographic_parity_ratio(served, served, sensitive_features=group)),
        "rates": [float(rate) for rate in frame.by_group],
    }


def calibration():
    predicted = np.round(rng.beta(1, 8, 600), 3)
    bought = (rng.random(600) < predicted).astype(int)
    observed, mean = calibration_curve(bought, predicted, n_bins=5, strategy="quantile")
    return {
        "predicted": predicted.tolist(),
        "bought": bought.tolist(),
        "brier": float(brier_score_loss(bought, predicted)),
        "observed": observed.tolist(),
        "mean": mean.tolist(),
    }


def poisson(n):
    low = 0.0 if n == 0 else float(stats.gamma.ppf(0.025, n))
    return {"n": n, "low": low, "high": float(stats.gamma.ppf(0.975, n + 1))}


p_values = np.sort(np.concatenate([rng.random(20), rng.random(6) / 200]))[rng.permutation(26)]
print(
    json.dumps(
        {
            "versions": {name: version(name) for name in ("evidently", "fairlearn", "scikit-learn", "scipy")},
            "psi": [
                psi([100, 200, 300, 400], [110, 190, 310, 390]),
                psi([10, 20, 70], [40, 30, 30]),
                psi([50, 0, 50, 100], [40, 20, 60, 0]),
            ],
            "exposure": [groups([0.8, 0.4], [1000, 500]), groups([0.5, 0.45, 0.3], [900, 400, 200])],
            "calibration": calibration(),
            "poisson": [poisson(n) for n in (0, 1, 7, 20, 250, 4000)],
            "discoveries": {"p": p_values.tolist(), "adjusted": stats.false_discovery_control(p_values).tolist()},
            "normal": [{"z": z, "p": float(2 * stats.norm.sf(z))} for z in (0.0, 0.5, 1.96, 3.3, 6.0)],
        },
        indent=1,
    )
)
