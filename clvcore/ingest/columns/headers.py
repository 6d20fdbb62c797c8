"""What the names of columns say, in fourteen languages; the names themselves are in a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from clvcore.ingest.words import listed, table

AMONG_OTHERS = 0.9  # what a name keeps that is found among more words, before they dilute it
SOMETHING_ELSE = 0.25  # what it keeps beside a word that says it is something else
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
OTHER = re.compile(r"[\W_]+")
# Thai, Japanese, Chinese and Korean: words are not set apart, so they are found anywhere
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
# letters with a mark that Unicode does not take apart
BARE = str.maketrans("łøđıœæ", "lodioa")


def plain_words(name: str) -> str:
    """Return a column name as lower-case words without accents.

    Examples
    --------
    >>> [plain_words(name) for name in ("CustomerID", "N° de commande", "Größe_EUR", "Дата 1")]
    ['customer id', 'n de commande', 'grosse eur', 'дата 1']
    """
    apart = CAMEL.sub(" ", name).casefold().translate(BARE)
    bare = "".join(c for c in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(c))
    whole = unicodedata.normalize("NFC", bare)  # Korean syllables in one piece again
    return OTHER.sub(" ", whole.replace("°", " ")).strip()


@dataclass(eq=False)
class Names:
    """Names of one meaning, each with how surely it means that (0 to 1), and words against it."""

    whole: dict[str, float] = field(default_factory=dict)
    by_word: dict[str, list[tuple[frozenset[str], float]]] = field(default_factory=dict)
    within: list[tuple[str, float]] = field(default_factory=list)
    against: frozenset[str] = frozenset()
    against_within: tuple[str, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[tuple[str, float]], against: str = "") -> Names:
        """Collect (name, weight); ``against`` are words apart by blanks."""
        words = {plain_words(word) for word in against.split()}
        unspaced = {word for word in words if UNSPACED.search(word)}
        names = cls(against=frozenset(words - unspaced), against_within=tuple(unspaced))
        for name, weight in entries:
            names._add(name, weight)
        return names

    def score(self, name: str) -> float:
        """Return how much a column's name speaks for this meaning, 0 to 1."""
        words = _core(plain_words(name))
        tokens = set(words.split())
        glued = words.replace(" ", "")
        if glued in self.whole:
            return self.whole[glued]
        best = 0.0
        for token in tokens:
            for entry, weight in self.by_word.get(token, ()):
                if entry <= tokens:
                    best = max(best, weight * AMONG_OTHERS * len(entry) / len(tokens))
        if UNSPACED.search(glued):
            for text, weight in self.within:
                if text in glued:
                    best = max(best, weight * AMONG_OTHERS * len(text) / len(glued))
        return best * SOMETHING_ELSE if best and self.says_otherwise(name) else best

    def says_otherwise(self, name: str) -> bool:
        """Tell whether a name has a word that speaks against this meaning."""
        words = plain_words(name)
        return bool(set(words.split()) & self.against) or any(
            word in words for word in self.against_within
        )

    def _add(self, name: str, weight: float) -> None:
        words = _core(plain_words(name))
        glued = words.replace(" ", "")
        self.whole[glued] = max(weight, self.whole.get(glued, 0.0))
        if UNSPACED.search(words):
            self.within.append((glued, weight))
        else:
            tokens = words.split()
            self.by_word.setdefault(tokens[0], []).append((frozenset(tokens), weight))


@lru_cache(maxsize=4_096)
def name_score(role: str, name: str) -> float:
    """Return how much a column's name speaks for a role, 0 to 1."""
    return _names()[role].score(name)


def says_otherwise(role: str, name: str) -> bool:
    """Tell whether a name has a word that speaks against a role: a day of delivery, a tax."""
    return _names()[role].says_otherwise(name)


def _core(words: str) -> str:
    """Return the words without articles and prepositions, unless there is nothing else."""
    return " ".join(word for word in words.split() if word not in _fillers()) or words


@cache
def _fillers() -> frozenset[str]:
    # "fecha del pedido" and "fecha pedido" are one name, and "N.º pedido" is "pedido"
    return frozenset(table("columns")["fillers"]["words"].split())


@cache
def _names() -> dict[str, Names]:
    columns = table("columns")
    return {
        role: Names.of(
            (
                (name, weight)
                for level, weight in columns["weights"].items()
                for entries in columns[role].get(level, {}).values()
                for name in listed(entries)
            ),
            against,
        )
        for role, against in columns["against"].items()
    }
