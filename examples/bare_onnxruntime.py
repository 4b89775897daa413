"""Forecast with a seqtool model, nothing of seqtool: bare_onnxruntime.py MODEL.onnx TABLE.csv [STEPS], oldest row first

The file takes and gives raw units; the manifest in its metadata says which column and how many rows it wants.
"""

import csv
import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
manifest = json.loads(session.get_modelmeta().custom_metadata_map["seqtool"])
columns, window = manifest["encoders"]["columns"], manifest["limits"]["window"]
steps = int(sys.argv[3]) if len(sys.argv) > 3 else manifest["config"]["horizon"]

with open(sys.argv[2], newline="", encoding="utf-8") as file:  # noqa: PTH123 (as short as can be)
    rows = [[float(row[name] or "nan") for name in columns] for row in csv.DictReader(file)]
history = np.array([rows[-window:]], dtype=np.float32)  # [batch, time, series], the oldest row first; nan: missing

(forecast,) = session.run(["forecast"], {"history": history, "horizon": np.array(steps, dtype=np.int64)})
print(",".join(columns))
for row in forecast[0]:
    print(",".join(f"{value:.8g}" for value in row))
