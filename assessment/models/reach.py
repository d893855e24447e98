"""Who sees what assessors work with: items by hand, records, reviews, appeals."""

from django.db.models import Q

from assessment.models.run import READERS
from personnel.jurisdiction import JurisdictionQuerySet, Standing, lies_in


class AssessorQuerySet(JurisdictionQuerySet):
    """Rows of the areas a person assesses; a post of another role on the area shows nothing."""

    def reach(self, standing: Standing) -> Q:
        """The condition behind `visible_to`."""
        held = {post.area_id for post in standing.posts if post.role in READERS and post.area_id}
        seen = lies_in(f"{self.area_path}__in", held) if held else Q(pk__in=())
        return seen | Q(**{self.own_path: standing.user.pk}) if self.own_path else seen


class AppealQuerySet(AssessorQuerySet):
    """One's own appeals, and those in the areas one assesses."""

    area_path = "score__area"
    own_path = "by"
