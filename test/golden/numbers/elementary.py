"""Writes elementary.json: logarithms and exponentials of random numbers, by Python's decimal with 60 digits, rounded once.

python3 elementary.py > elementary.json
"""

import random
from decimal import Decimal, getcontext

getcontext().prec = 60
random.seed(14)

uniform = random.uniform
rows = []
for _ in range(60):
    for x in (uniform(-740, 709), uniform(-1, 1)):
        rows.append(["exp", x, Decimal(x).exp()])
    for x in (uniform(0.5, 2), 2.0 ** uniform(-1070, 1023)):
        rows.append(["log", x, Decimal(x).ln()])
    for x in (uniform(-0.999, 3), 2.0 ** uniform(-60, -5) * random.choice([-1, 1])):
        rows.append(["log1p", x, (1 + Decimal(x)).ln()])
    x = uniform(0, 1e6)
    rows.append(["log2", x, Decimal(x).ln() / Decimal(2).ln()])

lines = [f'  ["{name}", {x!r}, {float(value)!r}]' for name, x, value in rows]
print("[\n" + ",\n".join(lines) + "\n]")
