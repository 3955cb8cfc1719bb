"""Reads a checkpoint as docs/formats.md describes it and prints what it holds as JSON: sums of absolute values."""
import configparser
import json
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r") as f:
    assert f.attrs["format"].decode() == "retime.checkpoint" and f.attrs["version"] == 1
    config = configparser.ConfigParser(interpolation=None)
    config.read_string(f["config"][:].tobytes().decode())
    schedule = f["schedule"].attrs
    arrays = {}
    for group in ("parameters", "buffers", "adam_first", "adam_second", "adam_steps"):
        for name, values in f.get(group, {}).items():
            assert values.dtype == np.float32, (group, name)
            arrays[group + "/" + name] = float(np.abs(values[()].astype(np.float64)).sum())
    for name, values in f["parameters"].items():
        assert f["adam_first"][name].shape == f["adam_second"][name].shape == values.shape
        assert f["adam_steps"][name].shape == ()
        assert values.fletcher32
    print(json.dumps({
        "step": int(f.attrs["step"]),
        "epoch": int(f.attrs["epoch"]),
        "scene": f.attrs["scene_fingerprint"].decode(),
        "width": config["model"]["width"],
        "schedule": {name: float(schedule[name]) for name in schedule["names"].decode().split()},
        "arrays": arrays,
    }))
