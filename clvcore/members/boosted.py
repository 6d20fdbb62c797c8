"""XGBoost and LightGBM, boosted from a probabilistic forecast: they learn relative corrections.

The log of the base forecast, times the origin's own ratio of actual to forecast, is the offset of
every training row. So the trees see only who spends more or less than the base says, within one
origin: seasons and levels cannot leak in, and a label window shorter than the horizon is carried
by the base, never linearly. Targets are capped, corrections bounded, the total is left unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from clvcore.features.attributes import Categories
from clvcore.members.corrections import FEATURES, correction_features
from clvcore.models.sampling import every_kth
from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State

TREES, RATE, LEAVES, DEPTH, BINS, L2 = 25, 0.1, 7, 3, 63, 5.0
TWEEDIE = 1.5
BOUND = 1.1
SEEN_BY_BINS = 2_000  # rows: 63 bins need no more, and sorting all costs a third of the trees
MIN_BUYERS, FULL_BUYERS = 100, 500
LEAST_SHARE = 1e-9
THREADS = 1
LIGHTGBM, XGBOOST, CATEGORIES = "lightgbm.txt", "xgboost.json", "categories.json"
NO_ATTRIBUTES = Categories(levels={})


@dataclass(frozen=True, eq=False, kw_only=True)
class PastOrigin:
    """A day in the past with what was forecast then and what happened.

    ``base`` is the probabilistic forecast made at the origin, ``revenue`` what each of its
    customers then spent within the window, shape (customers,).
    """

    snapshot: Snapshot
    base: Prediction
    revenue: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Correction:
    """Trained trees: ``lightgbm`` text and ``xgboost`` JSON, the boosters' native formats.

    ``attributes`` says which number stands for which value of an attribute column.
    """

    lightgbm: str | None
    xgboost: bytes | None
    buyers: int
    attributes: Categories = NO_ATTRIBUTES

    def files(self) -> dict[str, bytes]:
        """Return the trees by file name, in the boosters' native formats, and their categories."""
        trees = {
            LIGHTGBM: self.lightgbm.encode() if self.lightgbm is not None else None,
            XGBOOST: self.xgboost,
            CATEGORIES: json.dumps(self.attributes.to_dict()).encode(),
        }
        return {name: content for name, content in trees.items() if content is not None}

    def learned(self) -> dict[str, int]:
        """Return what a state keeps beside ``files``."""
        return {"buyers": self.buyers}

    @classmethod
    def from_state(cls, state: State) -> Correction:
        """Return the trees that a member's ``state`` holds."""
        light = state.files.get(LIGHTGBM)
        return cls(
            lightgbm=None if light is None else light.decode(),
            xgboost=state.files.get(XGBOOST),
            buyers=state.learned["buyers"],
            attributes=categories_of(state.files),
        )

    def only(self, kinds: Sequence[str]) -> Correction:
        """Return the correction with the trees of these boosters."""
        return replace(
            self,
            lightgbm=self.lightgbm if "lightgbm" in kinds else None,
            xgboost=self.xgboost if "xgboost" in kinds else None,
        )

    def strength(self) -> float:
        """Return the share of the correction to use: half of it with 500 past buyers or more."""
        return 0.5 * min(1.0, self.buyers / FULL_BUYERS)

    def logs(self, snapshot: Snapshot, base: Prediction) -> dict[str, Floats]:
        """Return each booster's log correction, shape (customers,), within +-1.1."""
        features = tree_features(snapshot, base, self.attributes)
        logs = {}
        if self.lightgbm is not None:
            booster = lgb.Booster(model_str=self.lightgbm)
            logs["lightgbm"] = booster.predict(features, raw_score=True, num_threads=THREADS)
        if self.xgboost is not None:
            with _one_thread():
                logs["xgboost"] = _loaded_xgboost(self.xgboost).inplace_predict(
                    features, predict_type="margin", base_margin=np.zeros(len(features))
                )
        return {
            name: np.clip(np.asarray(log, dtype=np.float64), -BOUND, BOUND)
            for name, log in logs.items()
        }


def contributions(files: Mapping[str, bytes], features: Floats) -> dict[str, Floats]:
    """Return what each feature adds to each booster's log correction.

    Parameters
    ----------
    files
        Trees as ``Correction.files`` returned them.
    features
        Shape (rows, features), from ``tree_features``.

    Returns
    -------
    dict
        By booster, shape (rows, features + 1): SHAP values of the trees (Lundberg et al. 2018), the
        last column what is added for everybody. Rows sum to the correction before it is bounded.
    """
    each = {}
    if LIGHTGBM in files:
        booster = lgb.Booster(model_str=files[LIGHTGBM].decode())
        each["lightgbm"] = booster.predict(features, pred_contrib=True, num_threads=THREADS)
    if XGBOOST in files:
        with _one_thread():
            data = xgb.DMatrix(
                features, base_margin=np.zeros(len(features)), nthread=THREADS,
                feature_types=_types(categories_of(files)), enable_categorical=True,
            )  # fmt: skip
        each["xgboost"] = _loaded_xgboost(files[XGBOOST]).predict(data, pred_contribs=True)
    return {name: np.asarray(part, dtype=np.float64) for name, part in each.items()}


def categories_of(files: Mapping[str, bytes]) -> Categories:
    """Return which number stands for which value of an attribute, for these trees."""
    about = files.get(CATEGORIES)
    return NO_ATTRIBUTES if about is None else Categories.from_dict(json.loads(about))


def tree_features(
    snapshot: Snapshot,
    base: Prediction,
    attributes: Categories,
    *,
    all_values: Floats | None = None,
) -> Floats:
    """Return traits and, behind them, attributes as numbers of categories.

    ``all_values`` as in ``correction_features``.
    """
    traits = correction_features(snapshot, base, all_values=all_values)
    if not attributes.names:
        return traits
    return np.column_stack([traits, attributes.codes(snapshot).astype(np.float64)])


def train(
    origins: Sequence[PastOrigin], *, names: Sequence[str] = ("lightgbm", "xgboost"), seed: int
) -> Correction:
    """Train on stacked past origins.

    Parameters
    ----------
    origins
        Days whose label windows all end on or before today.
    names
        Which boosters.
    seed
        Of the row and column sampling.

    Raises
    ------
    ModelError
        With fewer than 100 customers who bought within the label windows.
    """
    # who is expected to spend nothing cannot be corrected, nor a day that nothing followed
    usable = [o for o in origins if min(o.revenue.sum(), o.base.revenue[:, -1].sum()) > 0]
    buyers = sum(int((origin.revenue > 0).sum()) for origin in usable)
    if buyers < MIN_BUYERS:
        raise ModelError(
            "TOO_FEW_PAST_BUYERS",
            "Boosted trees need at least {minimum} customers who bought again within past windows; "
            "here are {buyers}. Choose auto, which leaves the trees out.",
            minimum=MIN_BUYERS,
            buyers=buyers,
        )
    attributes = Categories.of(usable[0].snapshot)
    rows = [_training_rows(origin, attributes) for origin in usable]
    features = np.concatenate([row[0] for row in rows])
    target = np.concatenate([row[1] for row in rows])
    offset = np.concatenate([row[2] for row in rows])
    # by content: the boosters' sampling must not depend on ids or the order of rows
    tie_breaker = features @ np.sqrt(np.arange(1.0, features.shape[1] + 1.0))
    order = np.lexsort((tie_breaker, offset, target))
    order = order[every_kth(np.ones(len(order)))[0]]
    features, target, offset = features[order], target[order], offset[order]
    unit = target.mean()
    target, offset = target / unit, offset - np.log(unit)
    material = (features, target, offset, attributes, seed)
    return Correction(
        lightgbm=_train_lightgbm(*material) if "lightgbm" in names else None,
        xgboost=_train_xgboost(*material) if "xgboost" in names else None,
        buyers=buyers,
        attributes=attributes,
    )


def _types(attributes: Categories) -> list[str]:
    return ["q"] * len(FEATURES) + ["c"] * len(attributes.names)


def _training_rows(origin: PastOrigin, attributes: Categories) -> tuple[Floats, Floats, Floats]:
    """Return features, capped target and log offset of one origin."""
    base = origin.base.revenue[:, -1]
    base = np.maximum(base, LEAST_SHARE * base.mean())  # a logarithm needs something
    ratio = origin.revenue.sum() / base.sum()
    cap = np.maximum(np.quantile(origin.revenue, 0.998), 4.0 * ratio * base)
    return (
        tree_features(origin.snapshot, origin.base, attributes),
        np.minimum(origin.revenue, cap),
        np.log(ratio * base),
    )


def _train_lightgbm(
    features: Floats, target: Floats, offset: Floats, attributes: Categories, seed: int
) -> str:
    categorical = [f"attribute_{k}" for k in range(len(attributes.names))]
    data = lgb.Dataset(
        features, target, init_score=offset, feature_name=[*FEATURES, *categorical],
        categorical_feature=categorical,
        params={
            "max_bin": BINS, "bin_construct_sample_cnt": SEEN_BY_BINS, "verbosity": -1,
            "num_threads": THREADS,
        },
    )  # fmt: skip
    params = {
        "objective": "tweedie", "tweedie_variance_power": TWEEDIE, "learning_rate": RATE,
        "num_leaves": LEAVES, "min_data_in_leaf": max(50, len(target) // 150), "lambda_l2": L2,
        "feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "seed": seed,
        "deterministic": True, "force_row_wise": True, "verbosity": -1, "max_bin": BINS,
        "num_threads": THREADS, "boost_from_average": False,
    }  # fmt: skip
    return str(lgb.train(params, data, num_boost_round=TREES).model_to_string())


def _train_xgboost(
    features: Floats, target: Floats, offset: Floats, attributes: Categories, seed: int
) -> bytes:
    with _one_thread():
        # as it is: a quantile matrix costs half again as much as growing the trees on it
        data = xgb.DMatrix(
            features, target, base_margin=offset, nthread=THREADS,
            feature_types=_types(attributes), enable_categorical=True,
        )  # fmt: skip
    params = {
        "objective": "reg:tweedie", "tweedie_variance_power": TWEEDIE, "eta": RATE,
        "max_depth": DEPTH, "min_child_weight": max(5.0, 0.3 * len(target) / 150), "lambda": L2,
        "colsample_bytree": 0.6, "subsample": 0.7, "max_bin": BINS, "seed": seed,
        "tree_method": "hist", "nthread": THREADS, "base_score": 1.0, "verbosity": 0,
    }  # fmt: skip
    with _one_thread():
        model = xgb.train(params, data, num_boost_round=TREES)
    return bytes(model.save_raw("json"))


def _loaded_xgboost(trees: bytes) -> xgb.Booster:
    with _one_thread():
        model = xgb.Booster(model_file=bytearray(trees))
    model.set_param({"nthread": THREADS})
    return model


def _one_thread() -> AbstractContextManager[None]:
    """Hold XGBoost to one thread also where it looks at no parameter.

    Labels and margins are copied by every core there is, which then spin: on a busy machine that
    takes longer than the trees.
    """
    context: AbstractContextManager[None] = xgb.config_context(nthread=THREADS)
    return context
