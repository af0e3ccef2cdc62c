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
_TABLE: Final = _table(
    ("авезікмнорстухѕјһӏԁԛԝѵгьґү", "abeelkmhopctyxsjhldqwvrbry"),  # Cyrillic
    ("αβεηικνορςστυχγωμ", "abenlkvopsotuxywm"),  # Greek
    ("օսհոցզյ", "ouhngqj"),  # Armenian
    ("ıłøđħŧɑɡɩȷɨʋⱥƒðþ", "llodhtagljlvafdp"),  # Latin letters that do not decompose
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghljklmnoprstuvwyz"),  # small capitals
    ("ᎪᏏᏴᏟᎠᏧᎬᏀᏳᎻᏂᎫᏦᎥᏆᏞᎷᏁᏫᏢᏅᎡᎱᏒᏕᏚᎢᏌᏙᎳᏔᎩᎽᏃ", "abbcddegghhjklllmnopqrrrsstuvwwyyz"),  # Cherokee
    ("ꓮꓐꓚꓒꓓꓰꓝꓖꓧꓙꓗꓡꓲꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "abcddefghjkllmnoprstuvwxyz"),  # Lisu
    ("ᗅᗩᑲᖯᗷᑕᑯᗞᗪᕮᖴᕼᒍᒪᗰᑎᐤᑭᑫᖇᔕᑌᐯᗯᕁ᙭ᘔ", "aabbbcdddefhjlmnopqrsuvwxxz"),  # Canadian syllabics
    ("ⲁⲃⲥⲉⲏⲕⲓⲙⲛⲟⲣⲧⲭⲩⲍ", "abcehklmnoptxyz"),  # Coptic
    ("ᛒᛕᛁᛖᚱᚷ", "bklmrx"),  # runes
    ("߀०০੦૦୦௦౦೦൦๐໐၀○◯ⵔ〇", "ooooooooooooooooo"),  # zeros and circles
    ("ǀ׀∣ʍɯ", "lllmw"),  # turned letters and upright strokes
    ("013457@$!|€il", "oleastasllell"),  # digits and signs used as letters, and the folded i and l
)

# Letters by category that look like a full stop, a comma or an apostrophe, and so count for nothing as those do.
_STOPS: Final = (
    *range(0x2B9, 0x2C2),
    *range(0x2C6, 0x2D2),
    *range(0xA4F8, 0xA4FE),
    0x2EC,
    0x2EE,
    0xA788,
    0xA78B,
    0xA78C,
)
LETTERS: Final[dict[int, str]] = {**_TABLE, **dict.fromkeys(_STOPS, "")}

SEQUENCES: Final = (("rn", "m"), ("vv", "w"), ("æ", "ae"), ("œ", "oe"))
