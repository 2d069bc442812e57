"""The kernel's tables, collected for Django from the files that explain them."""

from threadline.kernel.cards import Card, Reader
from threadline.kernel.changes import Batch, Change
from threadline.kernel.comments import Comment, Notification, Watch
from threadline.kernel.customs import CustomField
from threadline.kernel.files import Attachment
from threadline.kernel.idempotency import IdempotencyKey
from threadline.kernel.jobs import Job
from threadline.kernel.links import Link
from threadline.kernel.members import Invitation, Member, Team, TeamMember, TeamProduct, Token, User
from threadline.kernel.tags import CardTag, Tag
from threadline.kernel.views import SavedView, ViewDraft
from threadline.kernel.workspaces import Counter, Product, Workspace

__all__ = [
    "Attachment",
    "Batch",
    "Card",
    "CardTag",
    "Change",
    "Comment",
    "Counter",
    "CustomField",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "Link",
    "Member",
    "Notification",
    "Product",
    "Reader",
    "SavedView",
    "Tag",
    "Team",
    "TeamMember",
    "TeamProduct",
    "Token",
    "User",
    "ViewDraft",
    "Watch",
    "Workspace",
]
