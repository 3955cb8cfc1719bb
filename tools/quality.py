#!/usr/bin/env python3
"""Compares methods on synthetic scenes with known truth and writes a Markdown table.

Every step leaves its result in the work folder and is skipped when that is there, so that a run can be stopped and
started again: synth, prepare, one folder for each method (layers or videos), score.json, table.md.

    quality.py WORK --scenes shadows,order --seeds 1,2,3 --methods cutouts,matting,nonlayered,default,mine=my.cfg
    quality.py WORK --methods matting --method "long=default --epochs 400 --mask-weights 50,5,0"

`least gain` in the table is by how many dB a method is ahead of the best baseline in the changed region of the edit in
which it is ahead least.

A method is `cutouts`, `matting` or `nonlayered` (see `retime baseline --help`), or NAME=CONFIG: the name and the
configuration (a file or a name that `retime train --config` knows) of a fit, with more options of `retime train`
behind it. A bare word is both name and configuration; a bare file gives its name without folder and ending. `--methods`
takes several with commas between them, `--method` one, which may hold commas.

`minutes` are those of the last start of each command: too few for a fit that was stopped and started again.
"""

import argparse
import json
import os
import pathlib
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import time

LAYER_BASELINES = ("cutouts", "matting")
VIDEO_BASELINES = ("nonlayered",)

# heading, place in score.json, digits
COLUMNS = (
    ("retimed", ("mean", "edits_psnr"), 2),
    ("changed region", ("mean", "edits_psnr_changed"), 2),
    ("worst edit", ("mean", "edits_psnr_changed_worst"), 2),
    ("least gain", ("least_gain",), 2),
    ("solo", ("mean", "solo_psnr"), 2),
    ("solo, changed", ("mean", "solo_psnr_changed"), 2),
    ("without", ("mean", "without_psnr"), 2),
    ("without, changed", ("mean", "without_psnr_changed"), 2),
    ("background", ("background", "psnr"), 2),
    ("covered", ("background", "psnr_covered"), 2),
    ("effects IoU", ("mean", "effects_iou"), 3),
    ("leakage", ("mean", "leakage"), 4),
    ("alpha error", ("mean", "alpha_error"), 4),
    ("flicker", ("mean", "solo_flicker"), 3),
    ("reconstruction", ("reconstruction", "psnr"), 2),
    ("identity, mean", ("reconstruction", "mean_difference"), 3),
    ("identity, max", ("reconstruction", "largest_difference"), 0),
    ("minutes", ("minutes",), 1),
    ("core minutes", ("core_minutes",), 1),
)


class Method:
    """One way to get from a scene to layers or videos."""

    def __init__(self, text):
        name, _, rest = text.strip().partition("=")
        words = shlex.split(rest or name)
        self.name = name.strip() if rest else pathlib.Path(words[0]).stem
        if self.name in ("", ".", "..") or "/" in self.name:
            raise ValueError(f"'{text}' has no name that a folder can have: write NAME=CONFIG")
        self.config, self.options = words[0], words[1:]
        self.is_baseline = not rest and self.config in LAYER_BASELINES + VIDEO_BASELINES
        self.makes_videos = self.is_baseline and self.name in VIDEO_BASELINES

    def commands(self, program, scene, synth, folder):
        """The commands that make `layers.h5` or `videos` in `folder`."""
        layers = str(folder / "layers.h5")
        if self.makes_videos:
            return [[program, "baseline", scene, "-o", str(folder / "videos"), "--method", self.name, "--truth", synth]
                    + self.options]
        if self.is_baseline:
            return [[program, "baseline", scene, "-o", layers, "--method", self.name] + self.options]
        run = str(folder / "run")
        return [[program, "train", scene, "-o", run, "--config", self.config] + self.options,
                [program, "render", run, "-o", layers]]

    def result(self, folder):
        """Arguments of `retime score` that name what was made."""
        return ["--videos", str(folder / "videos")] if self.makes_videos else [str(folder / "layers.h5")]


def is_success(code, command):
    """A fit whose time was limited on purpose ends with 75: saved."""
    return code == 0 or (code == 75 and "--max-seconds" in command)


def core_seconds():
    """Processor time of all commands so far: unlike the clock, it does not depend on what else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, log):
    """Runs a command with its output in a log file; returns its seconds by the clock and of processor time."""
    begin, cores_begin = time.monotonic(), core_seconds()
    with open(log, "a") as out:
        out.write("$ " + shlex.join(map(str, command)) + "\n")
        out.flush()
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT).returncode
    if not is_success(code, command):
        tail = pathlib.Path(log).read_text(errors="replace").strip().splitlines()[-3:]
        raise RuntimeError(f"{shlex.join(map(str, command))} ended with {code} (see {log}): " + " | ".join(tail))
    return [time.monotonic() - begin, core_seconds() - cores_begin]


def read_json(path, otherwise):
    return json.loads(path.read_text()) if path.exists() else otherwise


def write_json(path, value):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(temporary, path)


class Benchmark:
    def __init__(self, options):
        self.options = options
        self.work = pathlib.Path(options.work)
        self.methods = [Method(text) for text in [*options.methods.split(","), *options.method] if text.strip()]
        names = [method.name for method in self.methods]
        for name in set(names):
            if names.count(name) > 1:
                raise ValueError(f"two methods have the name '{name}', and would share a folder: write NAME=CONFIG")
        self.kinds = options.scenes.split(",")
        self.seeds = [int(seed) for seed in options.seeds.split(",")]

    def case_folder(self, kind, seed):
        return self.work / f"{kind}-{seed}"

    def prepare_case(self, kind, seed):
        """The synthetic scene and its scene.h5, made if they are not there."""
        case = self.case_folder(kind, seed)
        case.mkdir(parents=True, exist_ok=True)
        synth, scene, log = case / "synth", case / "scene.h5", case / "log.txt"
        program = self.options.program
        wanted = [self.options.synth_options, self.options.prepare_options]
        made = (synth / "truth" / "truth.json").exists() or scene.exists()
        if made and read_json(case / "options.json", None) != wanted:
            raise RuntimeError(f"{case} was made with other --synth-options or --prepare-options: use another folder")
        if not made:
            write_json(case / "options.json", wanted)
        if not (synth / "truth" / "truth.json").exists():
            run([program, "synth", "-o", synth, "--scene", kind, "--seed", str(seed)]
                + shlex.split(self.options.synth_options), log)
        if not scene.exists():
            options = [word.replace("{synth}", str(synth)) for word in shlex.split(self.options.prepare_options)]
            run([program, "prepare", synth, "-o", scene] + options, log)
        return str(synth), str(scene)

    def score_method(self, method, kind, seed, synth, scene):
        """Runs a method as far as that is not done, and scores it."""
        folder = self.case_folder(kind, seed) / method.name
        folder.mkdir(exist_ok=True)
        if (folder / "score.json").exists() and not self.options.rescore:
            return
        times = read_json(folder / "seconds.json", {})
        for number, command in enumerate(method.commands(self.options.program, scene, synth, folder)):
            if str(number) not in times:
                times[str(number)] = run(command, folder / "log.txt")
                write_json(folder / "seconds.json", times)
        run([self.options.program, "score"] + method.result(folder)
            + ["--truth", synth, "--name", method.name, "--json", folder / "score.json"], folder / "log.txt")
        if not self.options.keep:
            self.remove_layers(folder)

    @staticmethod
    def remove_layers(folder):
        shutil.rmtree(folder / "layers", ignore_errors=True)
        shutil.rmtree(folder / "videos", ignore_errors=True)
        (folder / "layers.h5").unlink(missing_ok=True)

    def score_of(self, method, kind, seed):
        folder = self.case_folder(kind, seed) / method.name
        score = read_json(folder / "score.json", None)
        if score:
            seconds = list(read_json(folder / "seconds.json", {}).values())
            score["minutes"], score["core_minutes"] = (sum(times) / 60 for times in zip(*seconds))
            score["least_gain"] = self.least_gain(method, score, kind, seed)
        return score

    def least_gain(self, method, score, kind, seed):
        """In dB over all baselines and edits; None for a baseline, or without any."""
        if method.is_baseline:
            return None
        gains = []
        for other in self.methods:
            baseline = other.is_baseline and read_json(self.case_folder(kind, seed) / other.name / "score.json", None)
            for name in score.get("edits", {}) if baseline else ():
                own, others = (value_at(s, ("edits", name, "psnr_changed")) for s in (score, baseline))
                if own is not None and others is not None:
                    gains.append(own - others)
        return min(gains, default=None)

    def run_all(self):
        failures = []
        for kind in self.kinds:
            for seed in self.seeds:
                for step in self.steps(kind, seed):
                    try:
                        step()
                    except (RuntimeError, OSError) as error:
                        failures.append(str(error))
                        print("error", error, file=sys.stderr, flush=True)
                    self.write_table()
        return failures

    def steps(self, kind, seed):
        """What is to be done for a scene, method by method."""
        try:
            synth, scene = self.prepare_case(kind, seed)
        except (RuntimeError, OSError) as error:
            return [self.raiser(error)]
        return [lambda method=method: self.method_step(method, kind, seed, synth, scene) for method in self.methods]

    @staticmethod
    def raiser(error):
        def step():
            raise error
        return step

    def method_step(self, method, kind, seed, synth, scene):
        print(f"{kind} seed {seed}: {method.name}", flush=True)
        self.score_method(method, kind, seed, synth, scene)

    def write_table(self):
        text = "# Quality on synthetic scenes\n\nMeans over seeds. PSNR in dB; see docs/score.md for the columns.\n"
        for kind in self.kinds:
            rows = [self.row(method, kind) for method in self.methods]
            text += "\n" + self.kind_table(kind, [row for row in rows if row])
        everything = [self.row(method, *self.kinds) for method in self.methods]
        if len(self.kinds) > 1:
            text += "\n" + self.kind_table("all scenes", [row for row in everything if row])
        (self.work / "table.md").write_text(text)

    def kind_table(self, title, rows):
        head = ["method", "scenes"] + [column[0] for column in COLUMNS]
        lines = [head, ["---"] * len(head)] + rows
        return f"## {title}\n\n" + "".join("| " + " | ".join(line) + " |\n" for line in lines)

    def row(self, method, *kinds):
        scores = [self.score_of(method, kind, seed) for kind in kinds for seed in self.seeds]
        scores = [score for score in scores if score]
        if not scores:
            return None
        return [method.name, str(len(scores))] + [cell(scores, place, digits) for _, place, digits in COLUMNS]


def value_at(score, place):
    for key in place:
        score = score.get(key) if score is not None else None
    return score


# What is not averaged over scenes.
COMBINED = {"largest_difference": max, "least_gain": min}


def cell(scores, place, digits):
    """Mean over scenes; of the largest difference the largest, of the least gain the least."""
    values = [value for value in (value_at(score, place) for score in scores) if value is not None]
    if not values:
        return "-"
    return f"{COMBINED.get(place[-1], statistics.fmean)(values):.{digits}f}"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", help="folder that keeps everything")
    parser.add_argument("--scenes", default="shadows,reflections,order,camera", help="kinds of `retime synth`")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--methods", default="cutouts,matting,default")
    parser.add_argument("--method", action="append", default=[], help="one more method")
    parser.add_argument("--program", default=shutil.which("retime") or "build/release/bin/retime")
    parser.add_argument("--synth-options", default="", help="more options of `retime synth`, in one string")
    parser.add_argument("--prepare-options", default="", help="more options of `retime prepare`, in one string; {synth} is the scene's folder")
    parser.add_argument("--keep", action="store_true", help="keep layers and videos after they are scored")
    parser.add_argument("--rescore", action="store_true", help="score again what is scored (needs --keep before)")
    return parser.parse_args()


def main():
    try:
        benchmark = Benchmark(parse_arguments())
    except ValueError as error:
        print("error", error, file=sys.stderr)
        return 2
    failures = benchmark.run_all()
    print((benchmark.work / "table.md").read_text())
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
