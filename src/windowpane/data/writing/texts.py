"""Made-up texts (synthetic data): words of no language, sentences, and numbers of every make."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Rng = np.random.Generator

ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "qu",
    "r",
    "s",
    "t",
    "v",
    "w",
    "x",
    "y",
    "z",
    "bl",
    "br",
    "ch",
    "cl",
    "cr",
    "dr",
    "fl",
    "gr",
    "pl",
    "pr",
    "sch",
    "sh",
    "sp",
    "st",
    "th",
    "tr",
]
VOWELS = [
    "a",
    "a",
    "e",
    "e",
    "e",
    "i",
    "i",
    "o",
    "o",
    "u",
    "y",
    "ai",
    "au",
    "ea",
    "ee",
    "ie",
    "io",
    "oo",
    "ou",
]
CODAS = [
    "b",
    "ck",
    "d",
    "l",
    "ll",
    "m",
    "n",
    "n",
    "n",
    "ng",
    "nt",
    "p",
    "r",
    "r",
    "rt",
    "s",
    "s",
    "ss",
    "t",
    "t",
    "th",
    "x",
] + [""] * 12
CURRENCIES = ("$", "EUR ", "RM ", "Fr. ", "USD ", "")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LENGTHS = np.array([0.08, 0.12, 0.14, 0.14, 0.14, 0.1, 0.08, 0.07, 0.05, 0.04, 0.02, 0.02])  # 1 to 12 digits


def word(rng: Rng) -> str:
    """Return a word of no language, in small letters, with a capital, or all in capitals."""
    syllables = int(rng.choice([1, 2, 3, 4], p=[0.35, 0.35, 0.2, 0.1]))
    letters = "".join(str(rng.choice(part)) for _ in range(syllables) for part in (ONSETS, VOWELS, CODAS))
    kind = rng.random()
    return letters if kind < 0.55 else letters.capitalize() if kind < 0.8 else letters.upper()


def sentence(rng: Rng, length: int) -> str:
    """Return words of about so many characters in all, with commas and a full stop."""
    upper = rng.random() < 0.2
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        end = str(rng.choice(["", ",", ".", ":", ";", "!"], p=[0.8, 0.08, 0.06, 0.02, 0.02, 0.02]))
        words.append(word(rng) + end)
    text = " ".join(words)
    return text.upper() if upper else text


def digits(rng: Rng, count: int) -> str:
    """Return so many digits; now and then one is repeated."""
    text = "".join(map(str, rng.integers(0, 10, count)))
    if count > 2 and rng.random() < 0.12:
        start, run = int(rng.integers(count)), int(rng.integers(2, 5))
        text = (text[:start] + text[start] * run + text[start + run :])[:count]
    return text


def number(rng: Rng) -> str:
    """Return a number: bare, an amount, a date, a time, of a telephone, a code, a share or an account."""
    return KINDS[rng.choice(len(KINDS), p=SHARES)](rng)


def _bare(rng: Rng) -> str:
    return digits(rng, int(rng.choice(np.arange(1, 13), p=LENGTHS)))


def _amount(rng: Rng) -> str:
    whole = str(rng.integers(0, int(10 ** rng.integers(1, 7))))
    comma, point = (",", ".") if rng.random() < 0.6 else (".", ",")
    if len(whole) > 3 and rng.random() < 0.6:
        whole = f"{int(whole):,}".replace(",", comma)
    before = str(rng.choice(CURRENCIES)) if rng.random() < 0.35 else "-" if rng.random() < 0.05 else ""
    return f"{before}{whole}{point}{digits(rng, 2)}" if rng.random() < 0.85 else f"{before}{whole}"


def _date(rng: Rng) -> str:
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1950, 2040))
    mark = str(rng.choice(list("/.-")))
    if rng.random() < 0.25:
        return f"{year}{mark}{month:02}{mark}{day:02}"
    shown = year % 100 if rng.random() < 0.4 else year
    return f"{day:02}{mark}{month:02}{mark}{shown:02}"


def _time(rng: Rng) -> str:
    parts = [f"{rng.integers(24):02}", *(f"{rng.integers(60):02}" for _ in range(int(rng.integers(1, 3))))]
    return ":".join(parts)


def _telephone(rng: Rng) -> str:
    parts = [digits(rng, int(rng.integers(2, 5))) for _ in range(int(rng.integers(2, 5)))]
    before = str(rng.choice(["", "+", "(0", "0"]))
    text = str(rng.choice([" ", "-", "/", ""])).join(parts)
    return f"{before}{text[:2]}) {text[2:]}" if before == "(0" else before + text


def _code(rng: Rng) -> str:
    letters = "".join(rng.choice(list(LETTERS), int(rng.integers(1, 4))))
    between = str(rng.choice(["", "-", " ", "/"]))
    text = letters + between + digits(rng, int(rng.integers(2, 8)))
    if rng.random() < 0.3:
        text += str(rng.choice(list(LETTERS)))
    return text if rng.random() < 0.8 else f"#{text}"


def _share(rng: Rng) -> str:
    return f"{rng.integers(100)}{rng.choice(['', '.5', ',25'])}{rng.choice(['%', ' %', 'x', ' kg', 'pcs'])}"


def _account(rng: Rng) -> str:
    return " ".join(digits(rng, int(rng.choice([2, 3, 4, 4, 5]))) for _ in range(int(rng.integers(2, 5))))


KINDS: tuple[Callable[[Rng], str], ...] = (_bare, _amount, _date, _time, _telephone, _code, _share, _account)
SHARES = (0.36, 0.2, 0.1, 0.06, 0.1, 0.08, 0.04, 0.06)
