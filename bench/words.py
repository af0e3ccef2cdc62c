"""Comment-sized text: sixty plain words, the same on every machine."""

from __future__ import annotations

import random

TEXT = """
season finale hero city rooftop letter brother captain mask villain promise train winter harbour
signal mirror secret rumour detective scene director costume sequel comic panel origin power choice
regret ending trailer theory episode cliffhanger friend enemy portal island council archive because
maybe never always again before after without between the a of and that this when where with they
she he it was is had could would really
"""
WORDS = tuple(TEXT.split())
PER_COMMENT = 60
POOL = 500


def comment_texts(count: int = POOL, seed: int = 60) -> list[str]:
    """`count` different comments of sixty words in two paragraphs."""
    rng = random.Random(seed)
    texts = []
    for _ in range(count):
        words = rng.choices(WORDS, k=PER_COMMENT)
        texts.append(f"{' '.join(words[:35]).capitalize()}.\n\n{' '.join(words[35:]).capitalize()}.")
    return texts
