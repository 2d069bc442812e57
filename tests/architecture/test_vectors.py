"""Every published or worked number that a method of deciding is held to: what it is, whose it is, which test holds it.

The list is for whoever doubts a number. A test that is renamed or removed is missed here.
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import ROOT

PRIORITY, TRIALS = "threadline/planning/tests/test_priority.py", "threadline/planning/tests/test_trials.py"
BEFORE_AFTER = "threadline/planning/tests/test_before_after.py"
SCORING = "threadline/inbound/decisions/tests/test_scoring.py"
GRADING = "threadline/inbound/strategy/tests/test_grading.py"

# What, the numbers in short, the source, the file and the test.
VECTORS = [
    ("RICE", "500 x 3 x 0.8 / 2 = 600; 2,000 x 2 x 0.8 / 3 = 1,066.67; 60,000", "S. McBride, Intercom, 2016",
     "threadline/inbound/features/tests/test_rice.py", "test_published_examples"),
    ("ICE", "8, 7, 6: 336 and 7.0; 10, 1, 10: 100 and 7.0", "S. Ellis's score in both of its forms, worked",
     PRIORITY, "test_ice_multiplied_and_averaged_disagree_about_a_tie"),
    ("WSJF", "(7 + 9 + 5) / 2 = 10.5; (8 + 3 + 4) / 8 = 1.875", "Scaled Agile Framework, article on WSJF",
     PRIORITY, "test_wsjf_of_two_jobs"),
    ("Cost of delay", "ice cream: 5 and 7.5 a week; 200 and 180", "J. Arnold, Black Swan Farming, on CD3",
     PRIORITY, "test_the_better_cd3_first_makes_waiting_cheaper"),
    ("Six weeks of ice cream", "A first 100, B first 120, at 10 a week before", "J. Arnold, Black Swan Farming, on CD3",
     PRIORITY, "test_what_two_orders_have_brought_after_six_weeks"),
    ("Smith's rule", "no order of six jobs is cheaper", "W. E. Smith, Naval Research Logistics Quarterly 3, 1956",
     PRIORITY, "test_no_order_of_one_team_is_cheaper_than_by_cd3"),
    ("Weighted score", "6.0 and 5.8; they change places at 4/7", "worked by hand",
     PRIORITY, "test_a_weighted_score_flips_at_four_sevenths"),
    ("AHP of three", "3.0649, CI 0.0324, CR 0.0559", "T. L. Saaty's scale and random indices, 1980",
     PRIORITY, "test_ahp_of_three"),
    ("AHP of four", "4.1184, CR 0.0439; geometric mean beside it", "T. L. Saaty's scale and random indices, 1980",
     PRIORITY, "test_ahp_of_four"),
    ("AHP in a circle", "10.111, CR 6.13", "worked: such judgements are refused",
     PRIORITY, "test_ahp_that_goes_round_in_a_circle_is_rejected"),
    ("Kano's table", "A 3, O 1, M 3, I 9, R 7, Q 2", "N. Kano and others, 1984", PRIORITY, "test_kano_table"),
    ("Better and worse", "0.6633 and -0.4082", "C. Berger and others, Center for Quality of Management, 1993",
     PRIORITY, "test_kano_better_and_worse"),
    ("Kano as numbers", "(4, 4) performance, (0, 4) must-be, (4, 0) attractive", "W. DuMouchel, the same issue, 1993",
     PRIORITY, "test_kano_continuous"),
    ("Opportunity", "9 and 3: 15; 9 and 9: 9; 4 and 8: 4", "A. W. Ulwick, What Customers Want, 2005",
     PRIORITY, "test_opportunity_score"),
    ("MaxDiff, counted", "A 4/0/6 to D 0/6/6: 0.667 to -1", "J. Louviere's counts, worked",
     PRIORITY, "test_maxdiff_counts"),
    ("MaxDiff, logit", "1.2 to -1.2 are found again", "drawn from the model itself; no published numbers",
     PRIORITY, "test_maxdiff_logit_finds_the_utilities_that_made_the_choices"),
    ("MaxDiff, simulated", "1.166 to -1.227, 6 steps; counts 1.32 to -1.41", "another's simulation, drawn anew; 0.08",
     PRIORITY, "test_maxdiff_logit_as_it_was_simulated_elsewhere"),
    ("Buy a feature", "100, 60, 40, 20; five with 22", "L. Hohmann, Innovation Games, 2006",
     PRIORITY, "test_buy_a_feature"),
    ("Value and effort", "the frontier and its hull", "worked by hand",
     PRIORITY, "test_the_frontier_holds_what_nothing_beats_and_the_hull_what_a_ratio_finds"),
    ("Borda and Kemeny", "126, 194, 173, 107; 207 and 223", "the capital of Tennessee, voting theory's example",
     PRIORITY, "test_borda_and_kemeny_of_tennessee"),
    ("Kemeny in a circle", "BCA 120, CAB 130, to ACB 180", "electowiki, Kemeny-Young method",
     PRIORITY, "test_kemeny_breaks_a_cycle"),
    ("PERT", "2, 4, 12: 5.0 and 1.667", "D. Malcolm and others, Operations Research 7, 1959", PRIORITY, "test_pert"),
    ("OKR of three", "0.7, 0.4, 1.0 are 0.70", "J. Doerr, Measure What Matters, 2018",
     GRADING, "test_an_objective_is_the_mean_of_its_key_results"),
    ("OKR grade", "50 to 70 at 62: 0.60; 6 to 3 at 4.1: 0.633", "worked by hand",
     GRADING, "test_a_grade_is_the_share_of_the_way"),
    ("Metric tree", "+489.77 and -209.77 of +280", "B. W. Ang's decomposition, Energy Policy 33, 2005; worked",
     "threadline/inbound/metrics/tests/test_moving.py", "test_the_worked_example_of_a_product"),
    ("Requirements lint", "five findings in one sentence", "word classes after ISO/IEC/IEEE 29148; worked",
     "threadline/reading/tests/test_clarity.py", "test_the_worked_example"),
    ("Coverage", "40, 30, 6 suspect: 60 % and 75 %", "worked by hand",
     "threadline/inbound/requirements/tests/test_screens.py", "test_the_worked_example_of_coverage"),
    ("Characteristics", "9 with 3, 3, 2, 8, 4, 6, 5, 4, 5: 40", "ISO/IEC 25010:2023",
     "threadline/inbound/requirements/tests/test_characteristics.py",
     "test_the_model_has_the_characteristics_of_its_edition"),
    ("Two shares", "5 of 83 and 12 of 99: z -1.4078, p 0.1592", "statsmodels, proportions_ztest",
     TRIALS, "test_two_proportions"),
    ("Welch and the lift", "p 0.02016; 0.70732, p 0.06191", "GrowthBook, tests of gbstats",
     TRIALS, "test_welch_and_the_relative_lift"),
    ("People in a group", "20 % and 25 %: 1,094", "J. L. Fleiss, 1981; statsmodels",
     TRIALS, "test_people_needed_in_each_group"),
    ("A split that is off", "821,588 and 815,482: 1.8e-6", "R. Kohavi and others, 2020",
     TRIALS, "test_groups_that_were_not_drawn_as_planned"),
    ("mSPRT", "n 1,000 and 2,000, d 0.1: 3.28 and 28.40", "R. Johari and others, 2017; worked from the formula",
     TRIALS, "test_the_ratio_of_likelihoods"),
    ("mSPRT of R", "seed 12345: above 20 first at 4,207", "R package mixtureSPRT",
     TRIALS, "test_the_first_look_that_is_enough"),
    ("Peeking", "a third find what is not there; always valid, few", "simulated",
     TRIALS, "test_looking_often_does_not_find_what_is_not_there"),
    ("CUPED", "1.0182 within, 0.9882 together, 0.0501", "A. Deng and others, 2013; worked",
     TRIALS, "test_what_was_known_before_is_taken_off_within_the_groups"),
    ("Before and after", "the belt law: -0.236, -21.0 %", "A. C. Harvey and J. Durbin, 1986; R, datasets",
     BEFORE_AFTER, "test_the_belt_law"),
    ("Simpler comparisons", "-23.1 %, -22.4 %, -13.5 %", "the same data, worked",
     BEFORE_AFTER, "test_simpler_comparisons_say_something_else"),
    ("Present value", "-100, 40, 50, 60 at 10 %: 22.76", "worked by hand",
     BEFORE_AFTER, "test_what_a_benefit_is_worth_today"),
    ("Calibration", "0.569, 75 %, 0.6", "worked by hand", SCORING, "test_the_worked_example_of_four_features"),
    ("Brier", "0.238", "G. W. Brier, 1950; worked", SCORING, "test_the_worked_example_of_brier"),
    ("Wilson", "81 of 263: 0.2553 to 0.3662", "R. G. Newcombe, Statistics in Medicine 17, 1998",
     SCORING, "test_wilson_interval_is_newcombes"),
    ("Wilson, more", "10/100, 3/12 and 56/70", "E. B. Wilson, 1927; worked", TRIALS, "test_more_intervals_of_a_share"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "numbers", "source", "path", "test"), VECTORS, ids=[v[0] for v in VECTORS])
def test_the_test_is_there(what: str, numbers: str, source: str, path: str, test: str) -> None:
    held = ast.parse((ROOT / path).read_text("utf-8"))
    assert what
    assert numbers
    assert source
    assert test in {one.name for one in held.body if isinstance(one, ast.FunctionDef)}
