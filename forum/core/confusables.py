"""Which characters pass for which Latin letter in the names people see. Facts about shapes, kept small."""

from typing import Final


def _table(*pairs: tuple[str, str]) -> dict[int, str]:
    table: dict[int, str] = {}
    for look_alikes, letters in pairs:
        for source, target in zip(look_alikes, letters, strict=True):
            table[ord(source)] = target
    return table


def _alphabet(first: int) -> dict[int, str]:
    return {first + offset: chr(ord("a") + offset) for offset in range(26)}


# Capitals are mapped before case folding: the Greek capital of nu looks like N, the small form like v.
CAPITALS: Final[dict[int, str]] = {
    **_table(
        ("АВЕЗІЈКМНОРСТУХЅԌҮ", "ABEEIJKMHOPCTYXSGY"),  # Cyrillic
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),  # Greek
        ("ՕՍՏԼ", "OUSL"),  # Armenian
    ),
    **_alphabet(0x1F1E6),  # regional indicators (the halves of flags)
    **_alphabet(0x1F150),  # white on black circles
    **_alphabet(0x1F170),  # white on black squares
}

# Applied after case folding. "i", "l", "1" and "|" are one letter: in many typefaces they are one shape.
LETTERS: Final[dict[int, str]] = _table(
    ("авезікмнорстухѕјһӏԁԛԝѵгьґү", "abeelkmhopctyxsjhldqwvrbry"),  # Cyrillic
    ("αβεηικνορςστυχγωμ", "abenlkvopsotuxywm"),  # Greek
    ("օսհոցզյ", "ouhngqj"),  # Armenian
    ("ıłøđħŧɑɡɩȷɨʋⱥƒðþ", "llodhtagljlvafdp"),  # Latin letters that do not decompose
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghljklmnoprstuvwyz"),  # small capitals
    ("013457@$!|€il", "oleastasllell"),  # digits and signs used as letters, and the folded i and l
)

SEQUENCES: Final = (("rn", "m"), ("vv", "w"), ("æ", "ae"), ("œ", "oe"))
