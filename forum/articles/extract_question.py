"""The question a writer ends with to ask the readers: "Where do you think the story will go?". Pure.

Only the end of the article is looked at. First choice is the last question of a paragraph that also invites an
answer ("let us know below"), or that stands right before such a paragraph; otherwise the last question there
that speaks to the reader. What somebody else asks, inside quotation marks, does not count.
"""

import re
from collections.abc import Sequence

LAST_PARAGRAPHS = 8  # where an invitation may stand: notes on sources and writers follow it
LAST_FOR_UNINVITED = 5  # where a question without one still counts as closing
MIN_QUESTION, MAX_QUESTION = 10, 300  # characters
MIN_QUESTION_WIDE = 4  # for scripts that need fewer characters
_MAX_PARAGRAPH = 3_000  # characters looked at, from its end

_SENTENCE_END = re.compile(r"[.!?…؟？。！\u037e‽⁇⁈⁉]+[\"”’»›“)\]」』]*(?=\s|$)|[？。！؟]+[」』”]*")
_QUESTION_MARKS = frozenset("?؟？\u037e‽⁇⁈⁉")
_QUOTES = {"“": "”", "„": "“”", "«": "»", "‹": "›", "「": "」", "『": "』", "‘": "’"}
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"])(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|no|vol|ep|eps|jr|sr|prof|gen|col|sgt|lt|dept|fig|approx|bzw|z\.b"
    r"|usw|ca|nr|p\.ej|(?:[a-z]\.)*[a-z])\.$",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    "|".join(
        (
            r"let (?:us|me|everyone) know|(?:tell|show|write to) (?:us|me)\b|\bcomments?\b",
            r"\b(?:sound off|weigh in|chime in)\b",
            r"what (?:do|did|are|would) (?:you|your)\b.{0,40}\b(?:think|thoughts?|make of)",
            r"\byour (?:thoughts?|take|theor|opinion|guess)|share (?:your|them|it)|(?:love|like|want|keen) to hear",
            r"join (?:in|the (?:discussion|conversation|debate))|have your say|leave (?:us )?a (?:comment|reply|note)",
            r"\b(?:thoughts?|ideas?|theories|know|us|say|discuss|answers?) (?:down |in the box )?below",
            r"\bin the (?:replies|thread|discussion)\b",
            r"kommentar|schreibt? (?:es )?uns|sagt (?:es )?uns|verratet uns|eure meinung|was (?:meint|glaubt) ihr",
            r"commentaires?|dites[- ](?:le[- ])?nous|qu['’]en pensez|votre avis",
            r"comentari|cuéntan|déjan|qué (?:opin|piens|crees)|comentári|o que (?:você )?acha",
            r"commenti\b|fateci sapere|diteci|cosa ne pens|reacties|laat (?:het )?(?:ons )?weten",
            r"коммент|напишите|поделитесь|что вы думаете|σχόλι|πείτε μας|γράψτε",
            r"التعليق|شارك|أخبرونا|コメント|教えて|评论|留言|評論",
        )
    ),
    re.IGNORECASE,
)
_TO_THE_READER = re.compile(
    r"\b(?:you|your|yours|yourself|y['’]all|du|dich|dir|ihr|euch|eure[rn]?|vous|votre|vos|tu|toi|usted|ustedes|vosotros|tus"
    r"|voi|vostr[aeio]|você|vocês|jullie|jij|вы|вам|вас|ваш\w*|ты|εσείς|εσάς|σας|πιστεύετε|νομίζετε|opinas|piensas|crees"
    r"|pensate|credete)\b|رأيك|رأيكم|تعتقد|برأي|皆さん|みなさん|あなた|思いますか|你|您",
    re.IGNORECASE,
)
_HOUSEKEEPING = re.compile(
    r"\b(?:tips?|subscrib\w*|newsletters?|sign(?:ed)? up|follow(?:ing)? us|advertis\w*|correction|typo|error|log in"
    r"|account)\b",
    re.IGNORECASE,
)
_SEMICOLON_AT_END = re.compile(r";(?=[\s\"”»)]|$)")
_AFTER_THE_MARK = '?!.…؟？！"”’»›)]」』‽⁇⁈⁉\u037e '
_LIST_MARKS = " -–—•*·>"
_CLOSING_QUOTES = frozenset("”’»›」』")


def closing_question(paragraphs: Sequence[str]) -> str | None:
    """The question among the article's paragraphs (plain text, in order) that is put to its readers, or None."""
    written = [text for text in (" ".join(part.split()) for part in paragraphs) if any(map(str.isalpha, text))]
    end = [_with_greek_marks(text[-_MAX_PARAGRAPH:]) for text in written[-LAST_PARAGRAPHS:]]
    quoted = [_quotation_mask(text) for text in end]
    asked = [_questions(text, mask) for text, mask in zip(end, quoted, strict=True)]
    return _invited(end, quoted, asked) or _addressed(asked)


def _invited(end: Sequence[str], quoted: Sequence[Sequence[bool]], asked: Sequence[list[str]]) -> str | None:
    """The last question of a paragraph that invites answers, or the one that ends the paragraph before it."""
    for index in reversed(range(len(end))):
        own_words = "".join(c for c, is_quoted in zip(end[index], quoted[index], strict=True) if not is_quoted)
        if not _INVITATION.search(own_words):
            continue
        if asked[index]:
            return asked[index][-1]
        if index and asked[index - 1] and end[index - 1].endswith(asked[index - 1][-1]):
            return asked[index - 1][-1]
    return None


def _addressed(asked: Sequence[list[str]]) -> str | None:
    """The last question that speaks to the reader, in the last paragraphs."""
    for questions in reversed(asked[-LAST_FOR_UNINVITED:]):
        for question in reversed(questions):
            if _TO_THE_READER.search(question):
                return question
    return None


def _questions(paragraph: str, quoted: Sequence[bool]) -> list[str]:
    """The writer's own questions in the paragraph, in order, that may stand alone above a composer."""
    found = []
    for start, end in _sentences(paragraph, quoted):
        mark = next((i for i in range(end - 1, start - 1, -1) if paragraph[i] in _QUESTION_MARKS), None)
        if mark is None or quoted[mark] or paragraph[mark + 1 : end].strip(_AFTER_THE_MARK):
            continue
        sentence = _unwrapped(paragraph[start:end].strip())
        if _fits(sentence) and not _HOUSEKEEPING.search(sentence):
            found.append(sentence)
    return found


def _sentences(text: str, quoted: Sequence[bool]) -> list[tuple[int, int]]:
    """(start, end) of each sentence; a mark inside a quotation ends one only together with the quotation.

    What goes on in lower case is the same sentence, unless that is how the writer invites.
    """
    spans = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        if end < len(text) and quoted[end - 1] and quoted[end]:
            continue
        following = text[end : end + 4].lstrip(' "“„«‘(¿¡')[:1]
        goes_on = following.islower() and not _INVITATION.match(text, text.find(following, end))
        if goes_on or (match[0] == "." and _ABBREVIATION.search(text[max(start, end - 12) : end])):
            continue
        spans.append((start, end))
        start = end
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def _quotation_mask(text: str) -> list[bool]:
    """For each character whether it stands in a quotation, marks included; one left open lasts to the end."""
    mask = [False] * len(text)
    pairs_straight = text.count('"') % 2 == 0  # an odd one is an inch, not a quotation
    closers = ""
    for index, character in enumerate(text):
        mask[index] = bool(closers)
        if closers:
            is_apostrophe = character == "’" and text[index + 1 : index + 2].isalpha()
            if character in closers and not is_apostrophe:
                closers = ""
        elif character == '"' and pairs_straight:
            closers = '"'
        elif character in _QUOTES and (character != "‘" or "’" in text[index:]):
            closers = _QUOTES[character]
        mask[index] = mask[index] or bool(closers)
    return mask


def _unwrapped(sentence: str) -> str:
    """The sentence without list marks, brackets around all of it, or quotation marks that lost their partner."""
    sentence = sentence.lstrip(_LIST_MARKS)
    if sentence[:1] == "(" and sentence[-1:] == ")":
        sentence = sentence[1:-1].strip()
    if sentence[:1] in _CLOSING_QUOTES:
        sentence = sentence[1:].lstrip()
    if sentence[:1] == "(" and ")" not in sentence:
        sentence = sentence[1:].lstrip()
    if sentence[-1:] == ")" and "(" not in sentence:
        sentence = sentence[:-1].rstrip()
    return sentence


def _fits(sentence: str) -> bool:
    least = MIN_QUESTION_WIDE if any("\u3040" <= c <= "\u9fff" for c in sentence) else MIN_QUESTION
    return least <= len(sentence) <= MAX_QUESTION


def _with_greek_marks(text: str) -> str:
    """Greek asks with a semicolon: give it the code point that says so."""
    letters = [character for character in text[-400:] if character.isalpha()]
    greek = sum("\u0370" <= c <= "\u03ff" or "\u1f00" <= c <= "\u1fff" for c in letters)
    return _SEMICOLON_AT_END.sub("\u037e", text) if greek * 2 > len(letters) else text
