"""The objective of implicit ALS, for the peers of als.ts."""
import numpy as np


def objective_of(rows, confidence, x, y, regularization):
    """sum over all cells of c (p - x'y)^2 + lambda (|X|^2 + |Y|^2), in float64. `confidence`: that of each held cell, in the order of rows.data."""
    y = y.astype(np.float64)
    square = y.T @ y
    total = regularization * float((y * y).sum())
    for first in range(0, rows.shape[0], 20_000):
        low, high = rows.indptr[first], rows.indptr[min(first + 20_000, rows.shape[0])]
        part = x[first : first + 20_000].astype(np.float64)
        of = np.repeat(np.arange(len(part)), np.diff(rows.indptr[first : first + len(part) + 1]))
        score = np.einsum("ij,ij->i", part[of], y[rows.indices[low:high]])
        c = confidence[low:high].astype(np.float64)
        total += float((c * (1 - score) ** 2 - score**2).sum() + ((part @ square) * part).sum())
        total += regularization * float((part * part).sum())
    return total
