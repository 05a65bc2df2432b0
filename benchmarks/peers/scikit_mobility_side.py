"""Location attack of scikit-mobility, in its own environment: lines of JSON.

Called by compare_traces.py with a file of visits (uid, place, hour), how many points are known,
and the uids to attack (all where none are given).
"""

import json
import sys
import time
import warnings

import pandas as pd
from skmob import TrajDataFrame
from skmob.privacy.attacks import LocationAttack


def main(file, points, targets):
    warnings.simplefilter("ignore")
    visits = pd.read_csv(file)
    frame = pd.DataFrame(
        {
            "uid": visits["uid"],
            "lat": visits["place"] / 1000,
            "lng": visits["place"] / 1000,
            "datetime": pd.Timestamp("2016-01-01") + pd.to_timedelta(visits["hour"], "h"),
        }
    )
    traces = TrajDataFrame(frame)
    begun = time.process_time()
    found = LocationAttack(knowledge_length=points).assess_risk(traces, targets or None)
    seconds = time.process_time() - begun
    risk = dict(zip(found["uid"].astype(int).tolist(), found["risk"].tolist(), strict=True))
    print(json.dumps([risk, seconds]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), [int(uid) for uid in sys.argv[3:]])
