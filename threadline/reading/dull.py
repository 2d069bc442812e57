"""Words of English that name nothing, and those that may stand inside a name."""

from __future__ import annotations

# What judges, what weighs, and what only leads on.
OPINION = (
    "absolutely amaze amazing annoy annoying anymore anyone anyway awesome awful bad badly basically beautiful "
    "besides best better boring brilliant certain certainly completely constantly cool crap currently cute "
    "definitely disappoint disappointed disappointing easily easy enjoy enjoyable enjoying especially etc even "
    "eventually everytime exactly excellent fabulous fantastic favorite favourite finally fine frustrate "
    "frustrated frustrating fun furthermore garbage glad great happy hard hate hated helpful hence horrible "
    "however immediately impressed impressive incredible indeed joke lame like liked likewise literally lousy "
    "love loved lovely moreover mostly neither nice nicely none obviously otherwise outstanding pathetic perfect "
    "perfectly perhaps pleasant pleased pls plus plz poor poorly pretty probably quite rather recommend "
    "recommended ridiculous rubbish sad satisfied simple simply somehow sometimes somewhere soo soon sooo sorry "
    "stupid suck sucks suddenly super superb terrible thank thankful thanks therefore totally trash truly ugly "
    "unfortunately unhappy unhelpful useful useless usually well whatever whenever wonderful worse worst worth "
    "worthless wow yay yesterday"
)
# What fits any backlog: no name by itself.
ANYWHERE = (
    "able action activity actual add added additional agree allow always app application apps best bit bug bugs "
    "change changed company crash customer customers date day days device different error errors everybody "
    "everyone example expectation expected experience feature features file fix fixed force free game games "
    "happen help hope hour hours idea information install issue issues item job kind line list lots mean minute "
    "minutes month months number option options page part phone place play please point possible problem problems "
    "product program question questions rating reason report request review reviews screen second seconds service "
    "show software star stars start steps stop stuff support system team test tested thing things tool tried "
    "tries try trying update updated updates user users version versions week weeks wish word work working world "
    "year years"
)
# Little words that may stand inside a phrase: "terms of use", "export to csv".
JOINS = frozenset(("of", "to", "in", "on", "for", "with", "from", "at", "by", "into", "as", "without"))
