"""A model field whose text is encrypted at rest and plain in the hands of code."""

from typing import Any

from django.db import models

from setia.foundation.crypto.keyring import keyring


class Sealed(str):
    """A text as it lies in the database."""

    __slots__ = ()


class PlainTextRefused(TypeError):
    """Raised when unencrypted text was about to be written past the field, e.g. by `update()`."""


class _Opening:
    """Opens the text when it is first read, so that a list of people decrypts only what it shows."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            value = instance.__dict__[name] = keyring().open(value, self.field.place(instance.pk))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text sealed with the shop's current key and bound to its table, column and row.

    Write it by `save()` or `bulk_create()`. `update()` and filters are refused: they would compare or store plain
    text. `seal_for` gives the sealed text for raw inserts.
    """

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def place(self, pk: object) -> str:
        """Return the place that is authenticated with the text."""
        return f"{self.model._meta.db_table}|{self.column}|{pk}"

    def seal_for(self, pk: int, text: str) -> Sealed:
        """Return a text sealed for the row `pk`; an empty text stays empty."""
        return Sealed(keyring().seal(text, self.place(pk))) if text else Sealed("")

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return self.seal_for(model_instance.pk, str(value))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return Sealed(value) if value else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            raise PlainTextRefused(
                f"{self.model.__name__}.{self.attname} takes encrypted text only, no expression; use save()."
            )
        return super().get_db_prep_save(value, connection)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "" or isinstance(value, Sealed):
            return value
        raise PlainTextRefused(f"{self.model.__name__}.{self.attname} takes encrypted text only; use save().")
