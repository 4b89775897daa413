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
types = {value.name: value.type for value in session.get_inputs()}
# older files take and give float32
dtype, digits = (np.float64, 12) if types["history"] == "tensor(double)" else (np.float32, 8)
history = np.array([rows[-window:]], dtype=dtype)  # [batch, time, series], the oldest row first; nan: missing

(forecast,) = session.run(["forecast"], {"history": history, "horizon": np.array(steps, dtype=np.int64)})
print(",".join(columns))
for row in forecast[0]:
    print(",".join(f"{value:.{digits}g}" for value in row))
