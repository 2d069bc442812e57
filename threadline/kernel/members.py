"""Who is here: users, their membership and role in a workspace, teams, invitations, tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from threadline.kernel import rows
from threadline.kernel.workspaces import Product, Workspace


class Role(models.TextChoices):
    """The six roles, highest first."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    PRODUCT_MANAGER = "product_manager", "Product manager"
    PRODUCT_MARKETER = "product_marketer", "Product marketer"
    CONTRIBUTOR = "contributor", "Contributor"
    VIEWER = "viewer", "Viewer"


class Users(BaseUserManager["User"]):
    """Makes users by e-mail address; there is no username."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A user with a hashed password, or an unusable one when none is given."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A user for Django's own tools; the product itself gives superusers nothing."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in. What they may do is said by their memberships."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=rows.now)
    # Keys to the API made before this moment no longer work.
    password_changed_at = models.DateTimeField(null=True, blank=True)

    objects = Users()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def set_password(self, raw_password: str | None) -> None:
        """Hash a new password. (Django's upgrade of an old hash does not save the moment.)"""
        super().set_password(raw_password)
        self.password_changed_at = rows.now()


class Member(models.Model):
    """A user in a workspace, in one role."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)
    job_title = models.CharField(max_length=120, blank=True)
    joined_at = models.DateTimeField(default=rows.now)
    left_at = models.DateTimeField(null=True, blank=True)
    # Preferences of this person here: theme, single-key shortcuts, mail.
    preferences = models.JSONField(default=dict, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_once"),
            models.UniqueConstraint(fields=["workspace", "handle"], name="member_handle_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        parts = self.name.split()
        return "".join(p[0] for p in (parts[:1] + parts[-1:] if len(parts) > 1 else parts[:1])).upper()


class Team(models.Model):
    """A group of members who share products, and may share confidential records of them."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A member of a team."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="people")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="in_teams")

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "member", "team"], name="team_member_once")]


class TeamProduct(models.Model):
    """A product that a team works on."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="teams")

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "team", "product"], name="team_product_once")]


class Invitation(models.Model):
    """A place kept for one e-mail address; the token is stored only as a hash."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=Role.choices)
    token_hash = models.CharField(max_length=64)
    invited_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=rows.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "token_hash"], name="invitation_token_once")]
        indexes = [models.Index(fields=["token_hash"], name="invitation_token")]


class Token(models.Model):
    """A key to the API, bound to one workspace and one member; stored only as a hash."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=10, choices=[("personal", "Personal"), ("service", "Service")])
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=rows.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["workspace", "member"], name="token_of_member")]
