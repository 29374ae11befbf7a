"""Which words of languages that we do not read may refuse?"""

from __future__ import annotations

from triggers.replies.table import Table

# Arabic and Russian are read by many in Israel; the rest are the words that networks know
_WORDS = """
    توقف/قف/وقف/أوقف/اوقفوا/توقفوا/الغاء/إلغاء/ازالة/إزالة/كفى/خلص/خلاص/بكفي
    стоп/хватит/отписаться/отпишите/отписка/прекратите/удалите/уберите/довольно/остановите
    отстаньте/отвали/спам/отмена
    alto/parar/pare/baja/cancelar/basta/detener/arreter/arret/desabonner/desinscrire/desinscription
    stopper/abmelden/aufhoren/stopp/remover/sair/cancela/detente
    ይቁም/አቁም
"""

ELSEWHERE = Table(
    families={},
    joined="",
    courtesies="",
    negations="",
    alone={},
    as_clause={},
    anywhere={},
    innocent="",
    doubtful=_WORDS,
    doubtful_alone="",
)
