"""Words of English that name nothing, and those that may stand inside a name."""

from __future__ import annotations

# What judges, what weighs, and what only leads on.
OPINION = (
    "absolutely addicted addicting addictive amaze amazing annoy annoying anymore anyone anyway awesome awful "
    "awsome bad badly basically beautiful besides best better boring brilliant certain certainly challenging "
    "completely constantly cool crap currently cute definitely disappoint disappointed disappointing easily easy "
    "enjoy enjoyable enjoying entertaining especially etc even eventually everytime exactly excellent exellent "
    "fabulous fantastic favorite favourite finally fine frustrate frustrated frustrating fun furthermore garbage "
    "glad great happy hard hate hated helpful hence horrible however immediately impressed impressive incredible "
    "indeed interesting joke lame like liked likewise literally lol lousy love loved lovely moreover mostly "
    "neither nice nicely none obviously omg otherwise outstanding pathetic perfect perfectly perhaps pleasant "
    "pleased pls plus plz poor poorly pretty probably quite rather recommend recommended ridiculous rubbish sad "
    "satisfied simple simply somehow sometimes somewhere soo soon sooo sorry stupid suck sucks suddenly super "
    "superb terrible thank thankful thanks therefore totally trash truly ugly unfortunately unhappy unhelpful "
    "useful useless usually well whatever whenever wonderful worse worst worth worthless wow yay yesterday"
)
# What fits any backlog: no name by itself.
ANYWHERE = (
    "able action activity actual add added additional agree allow always app application apps best bit bug bugs "
    "change changed company crash customer customers date day days dev developer developers device devs different "
    "earlier eight error errors everybody everyone example expectation expected experience feature features file "
    "five fix fixed folks force four free game games guy guys half happen help hope hour hours idea information "
    "install issue issues item job kind line list lot lots mean minute minutes moment month months nine number "
    "numbers one ones option options page part phone place play please point possible previous problem problems "
    "product program question questions rating reason report request review reviews screen second seconds service "
    "seven show six software star stars start steps stop stuff support system team ten test tested thing things "
    "three tool tried tries try trying twelve two update updated updates user users version versions week weeks "
    "wish word work working world year years"
)
# Little words that may stand inside a phrase: "terms of use", "export to csv".
JOINS = frozenset(("of", "to", "in", "on", "for", "with", "from", "at", "by", "into", "as", "without"))
