"""Trains small models with XGBoost over its objectives, boosters, missing values and categories, and writes them with what XGBoost answers.

    /usr/bin/python3 make_xgboost.py xgboost.zip [seed]

Debian: apt-get install python3-xgboost python3-sklearn (1.7). For each case the archive has model.json and model.ubj, rows.f32 (row-major), and what XGBoost's predict gives
with all trees and, where it stopped early, with the best ones: margins.f32, predictions.f32, leaves.i32 (of trees), each with the prefix best- or all-.
"""
import json
import os
import sys
import tempfile
import zipfile

import numpy as np
import xgboost as xgb

ROWS, FEATURES, ANSWERED = 240, 6, 48
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
archive = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED, compresslevel=9)
xgb.set_config(verbosity=0)
random = np.random.default_rng(seed)


def put(name, data):
    entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data, compresslevel=9)


def features(missing=0.1):
    x = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    x[:, 4] = np.round(x[:, 4] * 2) / 2
    x[:, 5] = random.integers(0, 3, ROWS)
    x[random.random(x.shape) < missing] = np.nan
    return x


def signal(x):
    z = np.nan_to_num(x)
    return z[:, 0] * 1.5 - z[:, 1] * (z[:, 2] > 0) + 0.5 * z[:, 5] + random.normal(size=ROWS) * 0.3


def classes(x, count):
    edges = np.quantile(signal(x), np.linspace(0, 1, count + 1)[1:-1])
    return np.digitize(signal(x), edges).astype(np.float32)


LABELS = {
    "number": signal,
    "positive": lambda x: np.exp(signal(x) / 2),
    "count": lambda x: random.poisson(np.exp(signal(x) / 2)).astype(np.float32),
    "share": lambda x: 1 / (1 + np.exp(-signal(x))),
    "yes": lambda x: (signal(x) > 0.7).astype(np.float32),
    "three": lambda x: classes(x, 3),
    "four": lambda x: classes(x, 4),
    "time": lambda x: np.exp(signal(x) / 2) * np.where(random.random(ROWS) < 0.2, -1, 1),
    "two numbers": lambda x: np.stack([signal(x), -2 * signal(x) + np.nan_to_num(x[:, 4])], axis=1),
    "two yes": lambda x: np.stack([signal(x) > 0, signal(x) > 1], axis=1).astype(np.float32),
}


def questions(x, model):
    """Rows to be answered: some of training, and some that lie exactly at, just below and just above a threshold, with zeros of both signs."""
    rows = x[:ANSWERED].copy()
    thresholds = [pair for tree in model for pair in tree]
    for i, (feature, threshold) in enumerate(thresholds[: ANSWERED // 2]):
        t = np.float32(threshold)
        rows[i, feature] = [t, np.nextafter(t, np.float32(-np.inf)), np.nextafter(t, np.float32(np.inf))][i % 3]
    rows[-3:, 0] = [0.0, -0.0, 1e-42]
    return rows


def thresholds_of(booster):
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    model = learner.get("gbtree", learner).get("model", {})
    for tree in model.get("trees", []):
        yield [
            (tree["split_indices"][n], tree["split_conditions"][n])
            for n in range(len(tree["left_children"]))
            if tree["left_children"][n] >= 0 and tree["split_type"][n] == 0
        ]


def write(name, booster, rows, **matrix):
    with tempfile.TemporaryDirectory() as folder:
        for file in ("model.json", "model.ubj"):
            booster.save_model(os.path.join(folder, file))
            with open(os.path.join(folder, file), "rb") as f:
                put(f"{name}/{file}", f.read())
    put(f"{name}/rows.f32", rows.astype("<f4").tobytes())
    data = xgb.DMatrix(rows, **matrix)
    trees = '"gblinear"' not in bytes(booster.save_raw("json")).decode()
    ranges = {"all": (0, 0)}
    if "best_iteration" in booster.attributes() and trees:
        ranges["best"] = (0, int(booster.attr("best_iteration")) + 1)
    for which, used in ranges.items():
        put(f"{name}/{which}-margins.f32", booster.predict(data, output_margin=True, iteration_range=used).astype("<f4").tobytes())
        put(f"{name}/{which}-predictions.f32", booster.predict(data, iteration_range=used).astype("<f4").tobytes())
        if trees:
            put(f"{name}/{which}-leaves.i32", booster.predict(data, pred_leaf=True, iteration_range=used).astype("<i4").tobytes())


def case(name, objective, label, rounds=4, missing=0.1, stop=False, attributes=None, **parameters):
    x = features(missing)
    y = LABELS[label](x)
    types = ["float", "float", "q", "float", "float", "int"]
    names = ["dep_delay", "taxi out", "größe", "f3", "\"quoted\"", "n"]
    matrix = dict(feature_names=names, feature_types=types) if stop else {}
    data = xgb.DMatrix(x, y, **matrix)
    if objective.startswith("rank:"):
        data.set_group([ROWS // 8] * 8)
    if objective == "survival:aft":
        data.set_float_info("label_lower_bound", np.abs(y))
        data.set_float_info("label_upper_bound", np.where(y < 0, np.inf, np.abs(y)))
    settings = dict(objective=objective, max_depth=3, nthread=1, seed=seed, eta=0.4, **parameters)
    if label in ("three", "four"):
        settings["num_class"] = 3 if label == "three" else 4
    if stop:
        z = features(missing)
        other = xgb.DMatrix(z, LABELS[label](z), **matrix)
        booster = xgb.train(settings, data, 40, evals=[(other, "other")], early_stopping_rounds=4, verbose_eval=False)
        assert booster.best_iteration < booster.num_boosted_rounds() - 1
        everything = booster.predict(data, iteration_range=(0, booster.num_boosted_rounds()))
        assert np.array_equal(booster.predict(data), everything)

        # For dart inplace_predict adds each tree to the base and takes the base off again, which costs bits.
        assert np.allclose(booster.inplace_predict(x, validate_features=False), everything, rtol=1e-4, atol=1e-5)
    else:
        booster = xgb.train(settings, data, rounds)
    for key, value in (attributes or {}).items():
        booster.set_attr(**{key: value})
    write(name, booster, questions(x, thresholds_of(booster)), **matrix)


def categorical(name, objective, label, cardinality=(40, 3), rounds=4, **parameters):
    x = features()
    for column, count in enumerate(cardinality):
        x[:, column] = random.integers(0, count, ROWS)
        x[random.random(ROWS) < 0.05, column] = np.nan
    noise = random.normal(size=200)
    z = noise[np.nan_to_num(x[:, 0]).astype(int)] + noise[np.nan_to_num(x[:, 1]).astype(int) + 50] + np.nan_to_num(x[:, 2])
    y = {"number": z, "yes": (z > 0).astype(float), "three": np.digitize(z, [-0.7, 0.7])}[label]
    matrix = dict(feature_types=["c"] * len(cardinality) + ["q"] * (FEATURES - len(cardinality)), enable_categorical=True)
    settings = dict(objective=objective, max_depth=4, nthread=1, seed=seed, **parameters)
    settings.setdefault("tree_method", "hist")
    if label == "three":
        settings["num_class"] = 3
    booster = xgb.train(settings, xgb.DMatrix(x, y, **matrix), rounds)
    rows = questions(x, thresholds_of(booster))
    # Never seen, beyond the bits, fractions, negative ones; categories are cut towards zero.
    odd = [cardinality[0], 63, 64, 1000, 16777215, 16777216, 1e9, 0.7, 3.9, -0.7, -1, -1e9, -0.0]
    rows[: len(odd), 0] = odd
    rows[len(odd) : 2 * len(odd), 1] = odd
    write(name, booster, rows, **matrix)


OBJECTIVES = [
    ("reg:squarederror", "number"), ("reg:squaredlogerror", "positive"), ("reg:logistic", "share"), ("reg:pseudohubererror", "number"),
    ("reg:absoluteerror", "number"), ("binary:logistic", "yes"), ("binary:logitraw", "yes"), ("binary:hinge", "yes"), ("count:poisson", "count"),
    ("survival:cox", "time"), ("survival:aft", "time"), ("multi:softmax", "three"), ("multi:softprob", "four"), ("rank:pairwise", "count"),
    ("rank:ndcg", "count"), ("rank:map", "yes"), ("reg:gamma", "positive"), ("reg:tweedie", "count"),
]
for objective, label in OBJECTIVES:
    case(objective.replace(":", "-"), objective, label)
for objective, label in [("reg:squarederror", "number"), ("binary:logistic", "yes"), ("reg:logistic", "share"), ("count:poisson", "count"), ("binary:hinge", "yes"),
                         ("multi:softprob", "three"), ("reg:gamma", "positive"), ("binary:logitraw", "yes"), ("survival:aft", "time")]:
    case("base-" + objective.replace(":", "-"), objective, label, rounds=3, base_score=0.3, tree_method="hist")
for objective, label in [("reg:squarederror", "number"), ("binary:logistic", "yes"), ("multi:softprob", "three"), ("reg:tweedie", "count")]:
    case("dart-" + objective.replace(":", "-"), objective, label, booster="dart", rate_drop=0.5, skip_drop=0.1)
case("dart-forest", "reg:squarederror", "number", booster="dart", rate_drop=0.5, normalize_type="forest", num_parallel_tree=2, subsample=0.6)
for objective, label in [("reg:squarederror", "number"), ("binary:logistic", "yes"), ("count:poisson", "count"), ("multi:softprob", "three"), ("multi:softmax", "four")]:
    case("linear-" + objective.replace(":", "-"), objective, label, booster="gblinear", base_score=0.4)
case("forest", "reg:squarederror", "number", rounds=1, num_parallel_tree=5, subsample=0.6, colsample_bynode=0.7)
case("forest-softprob", "multi:softprob", "three", rounds=2, num_parallel_tree=3, subsample=0.6)
case("stopped", "binary:logistic", "yes", stop=True, attributes={"note": "kept \u00e4, \\ and \" too", "scikit_learn": "{\"a\": [1, {}]}"})
case("stopped-forest-softprob", "multi:softprob", "three", stop=True, num_parallel_tree=2, subsample=0.7)
case("stopped-dart", "reg:squarederror", "number", stop=True, booster="dart", rate_drop=0.2)
case("stopped-linear", "reg:squarederror", "number", stop=False, booster="gblinear", attributes={"best_iteration": "1"})
case("pruned", "binary:logistic", "yes", tree_method="exact", gamma=2)
case("pruned-softmax", "multi:softmax", "three", tree_method="exact", gamma=1)
case("ragged", "reg:squarederror", "number", tree_method="hist", grow_policy="lossguide", max_leaves=12)
case("stumps-without-split", "binary:logistic", "yes", min_child_weight=1000)
case("dense", "reg:squarederror", "number", missing=0)
case("wide-base", "reg:squarederror", "number", base_score=1234.567)
case("two-targets", "reg:squarederror", "two numbers", tree_method="hist")
case("two-labels", "binary:logistic", "two yes", tree_method="hist")
categorical("categories-one-hot", "binary:logistic", "yes", max_cat_to_onehot=1000)
categorical("categories-partition", "reg:squarederror", "number", max_cat_to_onehot=1)
categorical("categories-mixed-softprob", "multi:softprob", "three", cardinality=(70, 3), max_cat_to_onehot=5)
categorical("categories-approx", "reg:squarederror", "number", tree_method="approx", max_cat_to_onehot=4)
categorical("categories-dart", "binary:logistic", "yes", booster="dart", rate_drop=0.5, max_cat_to_onehot=4)


def scikit():
    """XGBoost's scikit-learn classes use the best iteration; what they answer stands where the others' best does."""
    x, other = features(), features()
    model = xgb.XGBClassifier(n_estimators=40, max_depth=3, n_jobs=1, random_state=seed, early_stopping_rounds=4)
    model.fit(x, LABELS["three"](x), eval_set=[(other, LABELS["three"](other))], verbose=False)
    assert model.best_iteration < model.get_booster().num_boosted_rounds() - 1
    rows = questions(x, thresholds_of(model.get_booster()))
    assert np.array_equal(model.predict_proba(rows), model.get_booster().predict(xgb.DMatrix(rows), iteration_range=(0, model.best_iteration + 1)))
    write("scikit-learn", model.get_booster(), rows)


scikit()
put("version.txt", xgb.__version__)
archive.close()
