"""Make copies of tables with five published synthesizers, in their own environment.

Called by benchmarks/copies.py with a folder of training tables, `DRAW.csv`: of each it writes
`DRAW-NAME.csv`, as many records, and prints a line of JSON: which synthesizer, how many seconds,
and, where it raised, the error; the others go on. Each runs with the settings that it comes with;
the Bayesian network without noise (epsilon 0), since what noise hides is not its own doing.
"""

import contextlib
import json
import logging
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd


def copula(table, seed):
    """Gaussian copula of codes and numbers: copulas.GaussianMultivariate."""
    from copulas.multivariate import GaussianMultivariate

    codes, levels = _coded(table)
    model = GaussianMultivariate(random_state=seed)
    model.fit(codes)
    drawn = model.sample(len(table))
    return _decoded(drawn, table, levels)


def cart(table, seed):
    """Classification and regression trees, column by column: python-synthpop."""
    from synthpop import CARTMethod

    kinds = {name: "categorical" if table[name].dtype == object else "numerical" for name in table}
    np.random.seed(seed)  # noqa: NPY002 - the package draws from it
    method = CARTMethod(kinds, random_state=seed)
    codes, levels = _coded(table)
    method.fit(codes.assign(**{c: codes[c].astype("category") for c in levels}))
    return _decoded(method.sample(len(table)), table, levels)


def forest(table, seed):
    """Adversarial random forest: arfpy."""
    from arfpy import arf

    np.random.seed(seed)  # noqa: NPY002 - the package draws from it
    model = arf.arf(x=table.astype({c: float for c in table if table[c].dtype != object}),
                    random_state=seed, verbose=False)  # fmt: skip
    model.forde()
    return model.forge(len(table))


def network(table, seed):
    """Bayesian network of the greedy kind (PrivBayes), no noise: DataSynthesizer."""
    from DataSynthesizer.DataDescriber import DataDescriber
    from DataSynthesizer.DataGenerator import DataGenerator

    with tempfile.TemporaryDirectory() as folder:
        file, description = Path(folder) / "table.csv", str(Path(folder) / "described.json")
        table.to_csv(file, index=False)
        describer = DataDescriber(category_threshold=50)
        words = {name: table[name].dtype == object for name in table}
        describer.describe_dataset_in_correlated_attribute_mode(
            str(file), k=2, epsilon=0, attribute_to_is_categorical=words, seed=seed
        )
        describer.save_dataset_description_to_file(description)
        generator = DataGenerator()
        generator.generate_dataset_in_correlated_attribute_mode(len(table), description, seed)
        return generator.synthetic_dataset


def _neural(kind, table, seed):
    import ctgan
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the package draws from it
    model = getattr(ctgan, kind)(enable_gpu=False)
    model.fit(table, [name for name in table if table[name].dtype == object])
    return model.sample(len(table))


def adversarial(table, seed):
    """Conditional adversarial network: ctgan.CTGAN."""
    return _neural("CTGAN", table, seed)


def autoencoder(table, seed):
    """Variational autoencoder of the same authors: ctgan.TVAE."""
    return _neural("TVAE", table, seed)


SYNTHESIZERS = (copula, cart, forest, network, adversarial, autoencoder)


def _coded(table):
    """Return categories as numbers from 0, and the levels of each."""
    levels = {c: sorted(table[c].unique()) for c in table if table[c].dtype == object}
    codes = table.copy()
    for name, words in levels.items():
        codes[name] = table[name].map({word: k for k, word in enumerate(words)}).astype(float)
    return codes.astype(float), levels


def _decoded(drawn, table, levels):
    made = pd.DataFrame(index=range(len(drawn)))
    for name in table:
        numbers = pd.to_numeric(drawn[name].reset_index(drop=True)).round()
        if name in levels:
            words = np.array(levels[name], object)
            made[name] = words[numbers.clip(0, len(words) - 1).astype(int)]
        else:
            made[name] = numbers.clip(table[name].min(), table[name].max())
    return made


def main(folder, names):
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for file in sorted(folder.glob("train-*.csv")):
        table = pd.read_csv(file)
        draw = file.stem.removeprefix("train-")
        for synthesizer in SYNTHESIZERS:
            name = synthesizer.__name__
            if names and name not in names:
                continue
            begun, error = time.process_time(), None
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    made = synthesizer(table, int(draw))
                    for c in table.select_dtypes("number"):
                        made[c] = pd.to_numeric(made[c]).round()
                made[list(table)].to_csv(folder / f"copy-{draw}-{name}.csv", index=False)
            except Exception as raised:  # any error of a synthesizer leaves its cell empty
                error = f"{type(raised).__name__}: {raised}"[:120]
            seconds = round(time.process_time() - begun, 1)
            line = {"draw": draw, "synthesizer": name, "seconds": seconds, "error": error}
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
