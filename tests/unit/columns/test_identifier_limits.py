"""Where digits become a telephone or a number of the state, and where they are none again.

Without a library that knows every country: what is asked is our own rule.
"""

import pytest

from privaudit.columns import identifiers


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setattr(identifiers, "_phonenumbers", lambda: None)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        # A code of a country has three digits at most, or the groups are the writer's own.
        ("+33 6 12 34 56 78", True), ("+1234 5 678 901", False), ("+1234 56 78 90", True),
        ("+0 612 345 678", False), ("00 33 612345678", True), ("00 0612345678", False),
        # Fifteen digits at most.
        ("+123 456 789 012 345", True), ("+123 456 789 012 3456", False),
        # Within a country nine to eleven digits, one 0 before them.
        ("012345678", True), ("01234567", False), ("01234567890", True), ("012345678901", False),
        ("(00123456789", False), ("(01123456789", True), ("0123456789", True),
        # Pairs make ten digits, and no more groups than six.
        ("01 23 45 67 89", True), ("01 23 45 67 890", False), ("01 23 45 67 8901", False),
        ("0 1 2 3 45 6789", True), ("0 1 2 3 4 5 6789", False),
        # A last group of one digit is a key.
        ("012 345 678 9", False), ("978-2-07-036024-5", False),
        # Known groups, with the first digits that they have; a company's number is none.
        ("212-555-0142", True), ("112-555-0142", False), ("212-155-0142", False),
        ("1-212-555-0142", True), ("12 34 56 78", False), ("22 34 56 78", True),
        ("2234 5678", True), ("1234 5678", False), ("732 829 320", False), ("732 829 321", True),
        ("412 345 678", False), ("512 345 678", True), ("61234 56789", True),
        ("51234 56789", False), ("123 45 678", False),
        # Behind a code in brackets eleven digits at most.
        ("(212) 55501423", True), ("(212) 555014234", False), ("212) 5550142", True),
        # Days, years, coordinates.
        ("2016-11-08", False), ("08/11/2016", False), ("08.11.16 18", False), ("1990-1999", False),
        ("48.8566 2.3522", False), ("2016-13-08", False), ("32/11/2016", False),
        ("73282932000074", False), ("269054958815780", False),
    ],
)  # fmt: skip
def test_digits_are_a_telephone_by_their_code_or_their_groups(text, phone):
    assert identifiers.is_phone(text) is phone


@pytest.mark.parametrize(
    ("month", "known"),
    [(0, False), (1, True), (12, True), (13, False), (19, False), (20, True), (42, True),
     (43, False), (49, False), (50, True), (99, True)],
)  # fmt: skip
def test_months_of_birth_of_a_social_security_number(month, known):
    """1 to 12; 20 to 42 and from 50 on where it is not known."""
    number = int(f"269{month:02d}49588157")
    assert identifiers.is_nir(f"{number}{97 - number % 97:02d}") is known


@pytest.mark.parametrize(("department", "stands_for"), [("2A", "19"), ("2B", "18")])
def test_departments_of_corsica_stand_for_numbers(department, stands_for):
    number = int(f"26905{stands_for}588157")
    key = f"{97 - number % 97:02d}"
    assert identifiers.is_nir(f"2 69 05 {department} 588 157 {key}")
    assert not identifiers.is_nir(f"2 69 05 2C 588 157 {key}")


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        # By Luhn: 7 doubled is 14, 1 + 4; the sum is a multiple of ten.
        ("732829320", True), ("732829328", False), ("73282932", False), ("7328293200", False),
        ("000000000", False), ("000000018", True),
    ],
)  # fmt: skip
def test_numbers_of_companies(digits, valid):
    assert identifiers.is_siren(digits) is valid


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RCS 732829320", ["siren"]), ("compteur 732829320", []), ("RCS 732829321", []),
        ("RCS 73282932000074", ["siret"]), ("compteur 73282932000074", ["siret"]),
        ("x 2 69 05 49 588 157 80", ["nir"]), ("FR7630006000011234567890189", ["iban"]),
        ("FR7630006000011234567890188", []), ("ZZ7630006000011234567890189", []),
        # The letters behind the last one of its country are not its own.
        ("FR7630006000011234567890189 merci", ["iban"]), ("35600000049837", ["siret"]),
        ("35600000049836", []), ("35600000049846", ["siret"]),
    ],
)  # fmt: skip
def test_identifiers_in_a_text(text, found):
    assert identifiers.identifiers_in(text) == found
