"""The tables of the inbound rooms, collected for Django."""

from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent, Prediction
from threadline.inbound.documents.models import Document
from threadline.inbound.features.models import Feature
from threadline.inbound.feedback.models import Account, Contact, Feedback, Following, Refused, Theme, ThemeNote
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake
from threadline.inbound.market.models import Competitor, DigestReader, Fact, Intel, IntelSource, Polling, Trend
from threadline.inbound.metrics.models import Metric
from threadline.inbound.priorities.models import Ballot, ScoreInput, ScoreModel, ScoringRound
from threadline.inbound.releases.models import (
    DeliveryTeam,
    Deployment,
    Estimate,
    Forecast,
    Gate,
    PlanRun,
    Release,
    ReleasePlan,
    RolloutStage,
)
from threadline.inbound.requirements.models import AgreedWord, Baseline, Criterion, Requirement, Signature
from threadline.inbound.research.models import (
    Approach,
    Code,
    Consent,
    Highlight,
    Insight,
    Interview,
    Participant,
    Study,
    Transcript,
)
from threadline.inbound.roadmaps.models import Commitment, Roadmap, ShareLink, Sharing
from threadline.inbound.strategy.models import (
    Assumption,
    AssumptionTest,
    KeyResult,
    Objective,
    Opportunity,
    Persona,
    Strategy,
    Vision,
)
from threadline.inbound.surveys.models import Survey, SurveyAnswer, SurveyKey

__all__ = [
    "Account",
    "AgreedWord",
    "Approach",
    "Assumption",
    "AssumptionTest",
    "Ballot",
    "Baseline",
    "Code",
    "Commitment",
    "Competitor",
    "Consent",
    "Contact",
    "Criterion",
    "Decision",
    "DecisionOption",
    "Delivery",
    "DeliveryTeam",
    "Deployment",
    "DigestReader",
    "Dissent",
    "Document",
    "Estimate",
    "Fact",
    "Feature",
    "Feedback",
    "FeedbackSource",
    "Following",
    "Forecast",
    "Gate",
    "Highlight",
    "Insight",
    "Intake",
    "Intel",
    "IntelSource",
    "Interview",
    "KeyResult",
    "Metric",
    "Objective",
    "Opportunity",
    "Participant",
    "Persona",
    "PlanRun",
    "Polling",
    "Prediction",
    "Refused",
    "Release",
    "ReleasePlan",
    "Requirement",
    "Roadmap",
    "RolloutStage",
    "ScoreInput",
    "ScoreModel",
    "ScoringRound",
    "ShareLink",
    "Sharing",
    "Signature",
    "Strategy",
    "Study",
    "Survey",
    "SurveyAnswer",
    "SurveyKey",
    "Theme",
    "ThemeNote",
    "Transcript",
    "Trend",
    "Vision",
]
