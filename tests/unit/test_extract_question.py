"""The question an article ends with: found when the writer asks the readers, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.articles.extract_question import MAX_QUESTION, closing_question

INVITES = "Let us know in the comments!"


@pytest.mark.parametrize(
    ("end", "question"),
    [
        ([f"Who took the lamp? {INVITES}"], "Who took the lamp?"),
        (["Who took the lamp? And who brought it back? Tell us below."], "And who brought it back?"),
        (["Is it over?! Sound off down below."], "Is it over?!"),
        (["Where does it go from here?", "Share your theories below."], "Where does it go from here?"),
        (
            ["Which scene did you rewatch?", "SOURCES: The Post", "Ana is a writer. She likes maps."],
            "Which scene did you rewatch?",
        ),
        ([f"(Which one was yours? {INVITES})"], "Which one was yours?"),
        ([f"• Which one was yours? {INVITES}"], "Which one was yours?"),
        (
            [f"Should Mr. Vale and Dr. Orr of the U.S. branch return? {INVITES}"],
            "Should Mr. Vale and Dr. Orr of the U.S. branch return?",
        ),
        ([f"It ended... badly. So… who is next? {INVITES}"], "So… who is next?"),
        ([f"Well… What happens now…? {INVITES}"], "What happens now…?"),
        ([f"Did “Who Goes There?” scare you? {INVITES}"], "Did “Who Goes There?” scare you?"),
        ([f"Did you like Who Is Who? as a title? {INVITES}"], "Did you like Who Is Who? as a title?"),
        ([f"What’s next for the ‘Tin City’ crew? {INVITES}"], "What’s next for the ‘Tin City’ crew?"),
        (["What do you make of it?"], "What do you make of it?"),
        (["so who was it? tell us below"], "so who was it?"),
        (["¿Qué opinas del final? Cuéntanos en los comentarios."], "¿Qué opinas del final?"),
        (["Et vous, qu’en pensez-vous ? Dites-le nous."], "Et vous, qu’en pensez-vous ?"),
        (["物語はこの先どうなると思いますか？コメントで教えてください。"], "物語はこの先どうなると思いますか？"),
        (["Πού πιστεύετε ότι πάει η ιστορία; Γράψτε μας στα σχόλια."], "Πού πιστεύετε ότι πάει η ιστορία\u037e"),
        (["Куда пойдёт сюжет? Напишите в комментариях."], "Куда пойдёт сюжет?"),
    ],
)
def test_the_question_put_to_the_readers(end: list[str], question: str) -> None:
    before = ["Was it a dream? Nobody says.", "The season ran for ten weeks.", "It was filmed in the north."]
    assert closing_question([*before, *end]) == question


@pytest.mark.parametrize(
    "paragraphs",
    [
        [],
        [""],
        ["The season is over."],
        ["Who is the man in the mirror? It is a question that only time will answer."],
        ["“Would you open it?” she asked, and nobody let us know."],
        ["“Would you have done it? I would.", "He never said what he meant."],
        ['He said "do you think so?" and left.'],
        [f"Why? {INVITES}"],
        [f"{'Would you ' * 40}go? {INVITES}"],
        ["Got a tip for our desk? Tell us below."],
        ["Want our newsletter? Leave a comment."],
        ["What would you have done?", *["Another paragraph goes on and on."] * 9],
        ["Rain; wind; more rain; what a season."],
    ],
)
def test_questions_that_are_not_put_to_the_readers(paragraphs: list[str]) -> None:
    assert closing_question(paragraphs) is None


def test_an_invitation_wins_over_a_later_question() -> None:
    paragraphs = [f"Where is the ship? {INVITES}", "Do you see more of us elsewhere?"]
    assert closing_question(paragraphs) == "Where is the ship?"


@given(st.lists(st.text(alphabet='ab .?!…“”"‘’«»„؟？;()\u037eα', max_size=60) | st.text(max_size=40), max_size=10))
def test_any_text_has_a_fitting_question_or_none(paragraphs: list[str]) -> None:
    question = closing_question([*paragraphs, INVITES])
    assert question is None or 4 <= len(question) <= MAX_QUESTION
