"""Trains small scikit-learn models from fixed seeds and writes them as ONNX, as skl2onnx lays them out, with rows and scikit-learn's own answers.

    python3 make_sklearn.py FILE.zip      (scikit-learn and onnx; Debian, Ubuntu: apt-get install python3-sklearn python3-onnx)

Each model is an entry NAME/model.onnx and an entry NAME/rows.json: inputs and outputs with type, width and values. Features lie on a grid of eighths,
so that they and the trees' thresholds are the same in float and in double.
"""
import json
import sys
import warnings
import zipfile

import numpy as np
from onnx import TensorProto, TypeProto, ValueInfoProto, helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
                              HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC

warnings.filterwarnings("ignore")
TRAIN, TEST, FEATURES = 160, 24, 6
NAMES = {TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64", TensorProto.INT64: "int64", TensorProto.STRING: "string"}
WORDS = np.array(["amber", "blau", "größe", "no", ""], dtype=object)


class Graph:
    """Nodes, constants, inputs and outputs of one model, and what scikit-learn says to its rows."""

    def __init__(self):
        self.nodes, self.constants, self.inputs, self.outputs, self.rows = [], [], [], [], {"inputs": [], "outputs": []}

    def node(self, op, inputs, outputs, **attributes):
        ml = op.startswith("ml.")
        inputs, outputs = [[x] if isinstance(x, str) else x for x in (inputs, outputs)]
        attributes = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in attributes.items()}
        self.nodes.append(helper.make_node(op[3:] if ml else op, inputs, outputs, name=f"{outputs[0]}_{op}", domain="ai.onnx.ml" if ml else "", **attributes))
        return outputs[0]

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def input(self, name, kind, values):
        values = np.asarray(values)
        width = values.shape[1]
        self.inputs.append(helper.make_tensor_value_info(name, kind, [None, width]))
        self.rows["inputs"].append({"name": name, "type": NAMES[kind], "width": width, "values": plain(values)})
        return name

    def output(self, name, kind, values, tolerance=0.0):
        values = np.asarray(values)
        shape = [None] if values.ndim == 1 else [None, values.shape[1]]
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))
        self.rows["outputs"].append({"name": name, "type": NAMES[kind], "width": 1 if values.ndim == 1 else values.shape[1], "tolerance": tolerance, "values": plain(values)})

    def maps(self, name, labels, values, tolerance):
        """The output of a ZipMap: for each row a map of labels to scores."""
        element = TypeProto(map_type=TypeProto.Map(key_type=TensorProto.STRING if is_text(labels) else TensorProto.INT64, value_type=TypeProto(tensor_type=TypeProto.Tensor(elem_type=TensorProto.FLOAT))))
        self.outputs.append(ValueInfoProto(name=name, type=TypeProto(sequence_type=TypeProto.Sequence(elem_type=element))))
        self.rows["outputs"].append({"name": name, "type": "float32", "width": len(labels), "tolerance": tolerance, "values": plain(values)})

    def write(self, archive, name):
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="make_sklearn", ir_version=8)
        for entry, content in ((f"{name}/model.onnx", model.SerializeToString(deterministic=True)), (f"{name}/rows.json", json.dumps(self.rows, ensure_ascii=False).encode())):
            archive.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)


def plain(values):
    flat = np.asarray(values).ravel()
    return [None if isinstance(v, float) and v != v else v for v in flat.tolist()]


def is_text(labels):
    return isinstance(labels[0], str)


def grid(random, rows, columns=FEATURES):
    return np.round(random.normal(size=(rows, columns)) * 8) / 8


def rows_of(seed, classes=0, missing=False):
    """Training rows, their targets, and rows to predict."""
    random = np.random.RandomState(seed)
    x, test = grid(random, TRAIN), grid(random, TEST)
    score = x @ random.normal(size=FEATURES) + np.sin(x[:, 0] * 2) + random.normal(size=TRAIN) * 0.3
    y = np.digitize(score, np.quantile(score, np.arange(1, classes) / classes)) if classes else score
    if missing:
        x[random.rand(*x.shape) < 0.1] = np.nan
        test[random.rand(*test.shape) < 0.1] = np.nan
    return x, y, test


def labels_of(classes, numbers="classlabels_ints"):
    return {"classlabels_strings": [str(c) for c in classes]} if is_text(classes) else {numbers: [int(c) for c in classes]}


def classified(g, model, test, label, scores, tolerance, answers=None, zipmap=True):
    """The outputs that skl2onnx gives a classifier."""
    answers = model.predict_proba(test) if answers is None else answers
    kind = TensorProto.STRING if is_text(model.classes_) else TensorProto.INT64
    g.node("Identity" if is_text(model.classes_) else "Cast", label, "output_label", **({} if is_text(model.classes_) else {"to": TensorProto.INT64}))
    g.output("output_label", kind, model.predict(test))
    if zipmap:
        g.node("ml.ZipMap", scores, "output_probability", **labels_of(model.classes_, "classlabels_int64s"))
        g.maps("output_probability", model.classes_, answers, tolerance)
    else:
        g.node("Identity", scores, "scores")
        g.output("scores", TensorProto.FLOAT, answers, tolerance)


def linear_classifier(g, model, source, transform):
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.concatenate([-intercepts, intercepts])
    g.node("ml.LinearClassifier", source, ["label", "raw"], coefficients=coefficients.ravel(), intercepts=intercepts, multi_class=int(transform == "SOFTMAX"), post_transform=transform, **labels_of(model.classes_))


def logistic_regression(g, model, source, test, zipmap=True):
    multinomial = len(model.classes_) > 2 and model.multi_class != "ovr"
    linear_classifier(g, model[-1] if isinstance(model, Pipeline) else model, source, "SOFTMAX" if multinomial else "LOGISTIC")
    scores = "raw" if multinomial else g.node("ml.Normalizer", "raw", "probabilities", norm="L1")
    classified(g, model, test, "label", scores, 1e-5, zipmap=zipmap)


class Trees:
    """The lists of a tree ensemble operator."""

    def __init__(self, target):
        self.lists, self.kind = {}, target

    def add(self, **values):
        for key, value in values.items():
            self.lists.setdefault(key, []).append(value)

    def node(self, tree, index, feature=0, value=0.0, yes=0, no=0, missing=0, leaf=False):
        self.add(nodes_treeids=tree, nodes_nodeids=index, nodes_featureids=int(feature), nodes_values=float(value), nodes_truenodeids=int(yes), nodes_falsenodeids=int(no),
                 nodes_modes="LEAF" if leaf else "BRANCH_LEQ", nodes_missing_value_tracks_true=int(missing), nodes_hitrates=1.0)

    def weight(self, tree, index, target, weight):
        self.add(**{f"{self.kind}_treeids": tree, f"{self.kind}_nodeids": index, f"{self.kind}_ids": target, f"{self.kind}_weights": float(weight)})

    def add_cart(self, number, tree, weights):
        """A tree of sklearn.tree; weights gives a leaf's (target, weight)s."""
        for i in range(tree.node_count):
            leaf = tree.children_left[i] < 0
            self.node(number, i, *((0, 0.0, 0, 0) if leaf else (tree.feature[i], tree.threshold[i], tree.children_left[i], tree.children_right[i])), leaf=leaf)
            for target, weight in weights(tree.value[i]) if leaf else ():
                self.weight(number, i, target, weight)

    def add_binned(self, number, nodes, target):
        """A tree of sklearn's histogram boosting."""
        for i, n in enumerate(nodes):
            leaf = bool(n["is_leaf"])
            self.node(number, i, *((0, 0.0, 0, 0) if leaf else (n["feature_idx"], n["num_threshold"], n["left"], n["right"])), missing=0 if leaf else n["missing_go_to_left"], leaf=leaf)
            if leaf:
                self.weight(number, i, target, n["value"])


def forest_classifier(g, model, source, test, zipmap=True):
    trees, forest = Trees("class"), model[-1] if isinstance(model, Pipeline) else model
    for number, tree in enumerate(forest.estimators_):
        # Of two classes the second's share alone, which runtimes take for a probability as no weight is negative.
        trees.add_cart(number, tree.tree_, lambda value: list(enumerate((value[0] / value[0].sum() / len(forest.estimators_))[1 if len(value[0]) == 2 else 0:])))
    g.node("ml.TreeEnsembleClassifier", source, ["label", "raw"], post_transform="NONE", **trees.lists, **labels_of(model.classes_, "classlabels_int64s"))
    classified(g, model, test, "label", "raw", 1e-6, zipmap=zipmap)


def forest_regressor(g, model, source, test):
    trees = Trees("target")
    for number, tree in enumerate(model.estimators_):
        trees.add_cart(number, tree.tree_, lambda value: [(0, value[0, 0])])
    g.node("ml.TreeEnsembleRegressor", source, "variable", n_targets=1, aggregate_function="AVERAGE", post_transform="NONE", **trees.lists)
    g.output("variable", TensorProto.FLOAT, model.predict(test)[:, None], 1e-6)


def boosting(g, model, source, test):
    classifier = hasattr(model, "classes_")
    trees = Trees("class" if classifier else "target")
    number = 0
    for stage in model.estimators_:
        for target, tree in enumerate(stage):
            trees.add_cart(number, tree.tree_, lambda value: [(target, value[0, 0] * model.learning_rate)])
            number += 1
    if classifier:
        base = model._raw_predict_init(test[:1])[0]
        g.node("ml.TreeEnsembleClassifier", source, ["label", "raw"], base_values=base, post_transform="LOGISTIC" if len(base) == 1 else "SOFTMAX", **trees.lists, **labels_of(model.classes_, "classlabels_int64s"))
        classified(g, model, test, "label", "raw", 1e-6)
    else:
        g.node("ml.TreeEnsembleRegressor", source, "variable", n_targets=1, base_values=model.init_.constant_.ravel(), **trees.lists)
        g.output("variable", TensorProto.FLOAT, model.predict(test)[:, None], 1e-6)


def histogram_boosting(g, model, source, test):
    classifier = hasattr(model, "classes_")
    trees = Trees("class" if classifier else "target")
    number = 0
    for stage in model._predictors:
        for target, tree in enumerate(stage):
            trees.add_binned(number, tree.nodes, target)
            number += 1
    base = np.ravel(model._baseline_prediction)
    if classifier:
        g.node("ml.TreeEnsembleClassifier", source, ["label", "raw"], base_values=base, post_transform="LOGISTIC" if len(base) == 1 else "SOFTMAX", **trees.lists, **labels_of(model.classes_, "classlabels_int64s"))
        classified(g, model, test, "label", "raw", 1e-6)
    else:
        g.node("ml.TreeEnsembleRegressor", source, "variable", n_targets=1, base_values=base, **trees.lists)
        g.output("variable", TensorProto.FLOAT, model.predict(test)[:, None], 1e-6)


def support_attributes(model):
    return {"kernel_type": model.kernel.upper(), "kernel_params": [float(model._gamma), float(model.coef0), float(model.degree)], "support_vectors": model.support_vectors_.ravel()}


def support_classifier(g, model, source, test):
    coupling = {"prob_a": model.probA_, "prob_b": model.probB_} if model.probability else {}
    g.node("ml.SVMClassifier", source, ["label", "raw"], coefficients=model._dual_coef_.ravel(), rho=model._intercept_, vectors_per_class=model.n_support_.tolist(), post_transform="NONE",
           **coupling, **support_attributes(model), **labels_of(model.classes_))
    if model.probability:
        classified(g, model, test, "label", "raw", 1e-5)
    else:
        # libsvm's own order of pairs; of two classes scikit-learn gives the second's.
        model.decision_function_shape = "ovo"
        scores = model.decision_function(test)
        classified(g, model, test, "label", "raw", 1e-5, np.stack([scores, -scores], axis=1) if scores.ndim == 1 else scores, zipmap=False)


def single(archive, name, make, convert, classes=0, missing=False, texts=False):
    """A model of one input of floats."""
    x, y, test = rows_of(sum(map(ord, name)), classes, missing)
    y = WORDS[y] if texts else y
    model = make().fit(x, y)
    g = Graph()
    convert(g, model, g.input("X", TensorProto.FLOAT, test), test)
    g.write(archive, name)


def linear_regression(g, model, source, test):
    g.node("ml.LinearRegressor", source, "variable", coefficients=np.ravel(model.coef_), intercepts=np.ravel(model.intercept_), targets=1)
    g.output("variable", TensorProto.FLOAT, np.reshape(model.predict(test), (-1, 1)), 1e-5)


def linear_svc(g, model, source, test):
    linear_classifier(g, model, source, "NONE")
    scores = model.decision_function(test)
    classified(g, model, test, "label", "raw", 1e-5, np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores, zipmap=False)


def support_regressor(g, model, source, test):
    g.node("ml.SVMRegressor", source, "variable", coefficients=model.dual_coef_.ravel(), rho=model.intercept_, n_supports=len(model.support_), **support_attributes(model))
    g.output("variable", TensorProto.FLOAT, model.predict(test)[:, None], 1e-5)


def scaled(g, source, name, step):
    """A StandardScaler, MinMaxScaler, Normalizer or SimpleImputer of floats."""
    if isinstance(step, StandardScaler):
        return g.node("ml.Scaler", source, name, offset=step.mean_, scale=1 / step.scale_)
    if isinstance(step, MinMaxScaler):
        name = g.node("ml.Scaler", source, name, offset=-step.min_ / step.scale_, scale=step.scale_)
        return g.node("Clip", [name, g.constant("low", np.float32(0)), g.constant("high", np.float32(1))], name + "_clipped") if step.clip else name
    if isinstance(step, Normalizer):
        return g.node("ml.Normalizer", source, name, norm=step.norm.upper())
    return g.node("ml.Imputer", source, name, imputed_value_floats=step.statistics_, replaced_value_float=float("nan"))


def numeric_pipeline(archive, name, steps, classes, convert):
    x, y, test = rows_of(sum(map(ord, name)), classes, missing=True)
    model = Pipeline([(f"s{i}", step) for i, step in enumerate(steps)]).fit(x, y)
    g = Graph()
    source = g.input("X", TensorProto.FLOAT, test)
    for i, step in enumerate(steps[:-1]):
        source = scaled(g, source, f"s{i}", step)
    convert(g, model, source, test)
    g.write(archive, name)


def one_hot(g, source, name, encoder):
    categories = encoder.categories_[0]
    names = {"cats_strings": [str(c) for c in categories]} if is_text(categories) else {"cats_int64s": [int(c) for c in categories]}
    g.node("ml.OneHotEncoder", source, name, zeros=1 if encoder.handle_unknown == "ignore" else 0, **names)
    return g.node("Reshape", [name, g.constant(name + "_shape", np.array([-1, len(categories)], np.int64))], name + "_flat")


def mixed_pipeline(archive, name, last, convert, texts):
    """Number columns (float32, float64 and int64, each an input of its own), and categories of texts and whole numbers, as a ColumnTransformer has them."""
    random = np.random.RandomState(sum(map(ord, name)))

    def table(rows):
        columns = grid(random, rows, 3)
        columns[:, 2] = random.randint(0, 40, rows)
        columns[random.rand(rows) < 0.15, 0] = np.nan
        return np.column_stack([columns.astype(object), WORDS[random.randint(0, 4, rows)], random.randint(-2, 3, rows).astype(object)])

    x, test = table(TRAIN), table(TEST)
    y = (np.nan_to_num(x[:, 0].astype(float)) + x[:, 1].astype(float) + (x[:, 3] == "blau") + (x[:, 4].astype(int) > 0) + random.normal(size=TRAIN) * 0.3 > 0.8).astype(int)
    y = np.array(["stays", "leaves"], dtype=object)[y] if texts else y
    test[0, 3], test[1, 4] = "never seen", 99
    numbers = Pipeline([("impute", SimpleImputer(strategy="mean")), ("scale", StandardScaler())])
    columns = ColumnTransformer([("numbers", numbers, [0, 1, 2]), ("words", OneHotEncoder(handle_unknown="ignore"), [3]), ("codes", OneHotEncoder(handle_unknown="ignore"), [4])])
    model = Pipeline([("columns", columns), ("last", last)]).fit(x, y)
    g = Graph()
    sources = [g.input("a", TensorProto.FLOAT, test[:, :1].astype(np.float64)), g.input("b", TensorProto.DOUBLE, test[:, 1:2].astype(np.float64)), g.input("c", TensorProto.INT64, test[:, 2:3].astype(np.int64)),
               g.input("word", TensorProto.STRING, test[:, 3:4]), g.input("code", TensorProto.INT64, test[:, 4:5].astype(np.int64))]
    casts = [sources[0], g.node("Cast", "b", "b_float", to=TensorProto.FLOAT), g.node("Cast", "c", "c_float", to=TensorProto.FLOAT)]
    merged = g.node("Concat", casts, "numbers", axis=1)
    steps = model[0].named_transformers_
    merged = scaled(g, scaled(g, merged, "imputed", steps["numbers"][0]), "scaled", steps["numbers"][1])
    features = g.node("Concat", [merged, one_hot(g, "word", "words", steps["words"]), one_hot(g, "code", "codes", steps["codes"])], "features", axis=1)
    convert(g, model, features, test)
    g.write(archive, name)


def logistic_pipeline(g, model, source, test):
    linear_classifier(g, model[-1], source, "LOGISTIC")
    classified(g, model, test, "label", g.node("ml.Normalizer", "raw", "probabilities", norm="L1"), 1e-5)


def main(path):
    with zipfile.ZipFile(path, "w") as archive:
        for texts in (False, True):
            suffix = "_texts" if texts else ""
            single(archive, "logistic_binary" + suffix, lambda: LogisticRegression(), logistic_regression, 2, texts=texts)
            single(archive, "logistic_multinomial" + suffix, lambda: LogisticRegression(max_iter=500), logistic_regression, 4, texts=texts)
            single(archive, "forest_multi" + suffix, lambda: RandomForestClassifier(12, max_depth=5, random_state=1), forest_classifier, 3, texts=texts)
            single(archive, "boosting_binary" + suffix, lambda: GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=2), boosting, 2, texts=texts)
        single(archive, "logistic_ovr", lambda: LogisticRegression(multi_class="ovr"), logistic_regression, 3)
        single(archive, "linear_regression", LinearRegression, linear_regression)
        single(archive, "ridge", lambda: Ridge(alpha=3.0), linear_regression)
        single(archive, "linear_svc_binary", lambda: LinearSVC(random_state=3), linear_svc, 2)
        single(archive, "linear_svc_multi", lambda: LinearSVC(random_state=3), linear_svc, 3)
        for kernel in ("linear", "poly", "rbf", "sigmoid"):
            single(archive, f"svc_{kernel}_binary", lambda: SVC(kernel=kernel), support_classifier, 2)
            single(archive, f"svc_{kernel}_multi", lambda: SVC(kernel=kernel, coef0=0.5), support_classifier, 4, texts=kernel == "rbf")
            single(archive, f"svr_{kernel}", lambda: SVR(kernel=kernel, coef0=0.25), support_regressor)
        single(archive, "svc_probability_binary", lambda: SVC(probability=True, random_state=4), support_classifier, 2)
        single(archive, "svc_probability_multi", lambda: SVC(probability=True, random_state=4), support_classifier, 3)
        single(archive, "forest_binary", lambda: RandomForestClassifier(12, max_depth=5, random_state=5), forest_classifier, 2)
        single(archive, "extra_trees_classifier", lambda: ExtraTreesClassifier(12, max_depth=5, random_state=6), forest_classifier, 3)
        single(archive, "forest_regressor", lambda: RandomForestRegressor(12, max_depth=5, random_state=7), forest_regressor)
        single(archive, "extra_trees_regressor", lambda: ExtraTreesRegressor(12, max_depth=5, random_state=8), forest_regressor)
        single(archive, "boosting_multi", lambda: GradientBoostingClassifier(n_estimators=15, max_depth=3, random_state=9), boosting, 3)
        single(archive, "boosting_regressor", lambda: GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=10), boosting)
        for missing in (False, True):
            suffix = "_missing" if missing else ""
            single(archive, "histogram_binary" + suffix, lambda: HistGradientBoostingClassifier(max_iter=15, max_leaf_nodes=8, random_state=11), histogram_boosting, 2, missing)
            single(archive, "histogram_multi" + suffix, lambda: HistGradientBoostingClassifier(max_iter=10, max_leaf_nodes=8, random_state=12), histogram_boosting, 3, missing)
            single(archive, "histogram_regressor" + suffix, lambda: HistGradientBoostingRegressor(max_iter=15, max_leaf_nodes=8, random_state=13), histogram_boosting, 0, missing)
        numeric_pipeline(archive, "imputed_standard_logistic", [SimpleImputer(), StandardScaler(), LogisticRegression()], 2, logistic_pipeline)
        numeric_pipeline(archive, "imputed_minmax_logistic", [SimpleImputer(strategy="median"), MinMaxScaler(clip=True), LogisticRegression()], 2, logistic_pipeline)
        for norm in ("l1", "l2"):
            numeric_pipeline(archive, f"imputed_normalized_{norm}", [SimpleImputer(strategy="most_frequent"), Normalizer(norm), LogisticRegression()], 2, logistic_pipeline)
        mixed_pipeline(archive, "columns_logistic", LogisticRegression(), logistic_pipeline, texts=True)
        mixed_pipeline(archive, "columns_forest", RandomForestClassifier(10, max_depth=4, random_state=14), forest_classifier, texts=False)


if __name__ == "__main__":
    main(sys.argv[1])
