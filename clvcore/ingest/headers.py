"""What the names of columns say, in fourteen languages; the names themselves are in a table."""

from __future__ import annotations

import re
import unicodedata
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


@dataclass(eq=False)
class _Names:
    """The names of one role: as a whole, by their first word, and those without blanks."""

    whole: dict[str, float] = field(default_factory=dict)
    by_word: dict[str, list[tuple[frozenset[str], float]]] = field(default_factory=dict)
    within: list[tuple[str, float]] = field(default_factory=list)
    against: frozenset[str] = frozenset()
    against_within: tuple[str, ...] = ()

    def add(self, name: str, weight: float) -> None:
        """Add a name unless it is there with a greater weight."""
        words = _core(plain_words(name))
        glued = words.replace(" ", "")
        if self.whole.setdefault(glued, weight) < weight:
            self.whole[glued] = weight
        if UNSPACED.search(words):
            self.within.append((glued, weight))
        else:
            tokens = words.split()
            self.by_word.setdefault(tokens[0], []).append((frozenset(tokens), weight))


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


@lru_cache(maxsize=4_096)
def name_score(role: str, name: str) -> float:
    """Return how much a column's name speaks for a role, 0 to 1."""
    words = _core(plain_words(name))
    tokens = set(words.split())
    glued = words.replace(" ", "")
    names = _names()[role]
    if glued in names.whole:
        return names.whole[glued]
    best = 0.0
    for token in tokens:
        for entry, weight in names.by_word.get(token, ()):
            if entry <= tokens:
                best = max(best, weight * AMONG_OTHERS * len(entry) / len(tokens))
    if UNSPACED.search(glued):
        for text, weight in names.within:
            if text in glued:
                best = max(best, weight * AMONG_OTHERS * len(text) / len(glued))
    return best * SOMETHING_ELSE if best and says_otherwise(role, name) else best


def says_otherwise(role: str, name: str) -> bool:
    """Tell whether a name has a word that speaks against a role: a day of delivery, a tax."""
    words = plain_words(name)
    names = _names()[role]
    return bool(set(words.split()) & names.against) or any(
        word in words for word in names.against_within
    )


def _core(words: str) -> str:
    """Return the words without articles and prepositions, unless there is nothing else."""
    return " ".join(word for word in words.split() if word not in _fillers()) or words


@cache
def _fillers() -> frozenset[str]:
    # "fecha del pedido" and "fecha pedido" are one name, and "N.º pedido" is "pedido"
    return frozenset(table("columns")["fillers"]["words"].split())


@cache
def _names() -> dict[str, _Names]:
    columns = table("columns")
    found: dict[str, _Names] = {}
    for role, against in columns["against"].items():
        words = {plain_words(word) for word in against.split()}
        unspaced = {word for word in words if UNSPACED.search(word)}
        names = _Names(against=frozenset(words - unspaced), against_within=tuple(unspaced))
        for level, weight in columns["weights"].items():
            for entries in columns[role].get(level, {}).values():
                for name in listed(entries):
                    names.add(name, weight)
        found[role] = names
    return found
