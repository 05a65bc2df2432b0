"""What a column holds by its header, in French and in English; and which headers to keep quiet.

A header is known by the longest run of its words that `SYNONYMS` has: ``primary_email1`` and
``adresse_mail`` hold an e-mail, ``person.name.first`` a name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

__all__ = ["CALLED", "DIRECT", "KINDS", "given_names", "kind_of_header", "may_name_somebody",
           "plain_words"]  # fmt: skip

# In the order in which a report tells them, and in which one of two equal runs wins.
SYNONYMS: dict[str, str] = {
    "name": "first_name last_name full_name legal_name middle_name firstname lastname fullname "
    "surname given_name family_name birth_name maiden_name display_name name_first name_last "
    "name_full prenom prenoms patronyme nom_famille nom_naissance nom_usage nom_complet "
    "nom_prenom prenom_nom nom_personne nom_electeur nom_sympathisant nom_contact contact_name "
    "voter_name person_name occupant resident habitant",
    "email": "email mail emails courriel mel e_mail adresse_mail adresse_email mail_address "
    "email_address adresse_electronique adresse_courriel",
    "phone": "phone phones telephone tel mobile portable cell cellphone gsm phone_number "
    "mobile_number fixe numero_telephone num_tel fax fax_number whatsapp",
    "account": "facebook twitter instagram linkedin tiktok telegram username login pseudo handle "
    "facebook_username twitter_login facebook_uid compte",
    "age": "age ages age_band age_group tranche_age classe_age born born_at birth birthday "
    "birthdate birth_date birth_year year_birth year_of_birth date_birth dob date_naissance "
    "annee_naissance naissance anniversaire ddn",
    "support": "support support_level inferred_support_level support_probability_score "
    "turnout_probability_score is_supporter supporter soutien niveau_soutien sympathisant "
    "sympathie leaning presumed_leaning tendance tendance_presumee camp party parti inferred_party "
    "previous_party party_member opinion vote intention_vote voting_intention orientation "
    "affiliation adherent adhesion militant favorable score_soutien score_band membership_names "
    "presumed_side political_support sympathy preference candidat_soutenu",
    "origin": "religion church ethnicity ethnie origine nationality nationalite confession race",
    "note": "note notes comment comments commentaire commentaires remarque remarques observation "
    "observations memo description popupcontent compte_rendu tag_list tags free_text texte_libre "
    "anecdote background",
    "others": "recruiter_name recruiter_name_or_email point_person_name_or_email point_person "
    "parrain conjoint conjointe spouse partner household_members membres_foyer opened_by "
    "ouvert_par cohabitant",
    "address": "address adresse street rue voie nom_voie street_name street_number numero_voie "
    "full_address adresse_complete adresse_postale submitted_address unit_number digicode etage "
    "batiment apartment appartement sonnette",
    "sex": "sex sexe gender genre civilite prefix",
    "occupation": "profession metier occupation employer employeur csp job interest interests "
    "centres_interet centre_interet",
    "family": "marital_status situation_familiale household_size taille_foyer nb_enfants enfants "
    "children spouse_count family_size",
    "visit": "visit visited visited_at visite date_visite visit_date status statut etat "
    "contact_status resultat outcome last_contact dernier_contact appeared_at passage "
    "date_passage porte door knocked_at",
    "place": "city ville commune zip zipcode postcode postal_code code_postal insee code_insee "
    "station bureau bureau_vote precinct precinct_name precinct_code quartier iris county "
    "departement region secteur canton",
    "number": "id uid uuid guid identifiant dot_id numero_electeur voter_id",
}
# Of a place or a thing as well as of a person: they count alone, and where the cells agree.
_AMBIGUOUS = {
    "name": {"name", "nom", "title", "titre", "label", "libelle", "person", "personne", "contact"},
    "support": {"score", "side", "bord", "niveau", "level"},
    "age": {"ne", "nee", "ne_e"},
}
KINDS = tuple(SYNONYMS)
# What says by itself who a dot stands for.
DIRECT = ("name", "email", "phone", "account")
# What names a person or their account: no key, and no cell of theirs is ever shown.
CALLED = (*DIRECT, "others", "note", "number")
_STOP = {"de", "du", "des", "d", "la", "le", "les", "l", "of", "the", "a", "et", "and"}
# Columns about an e-mail or a telephone, not of one; about a right to write.
_ABOUT = {"opt", "is", "bad", "consent", "consentement", "valid", "sent", "count", "nb", "do",
          "not", "unsubscribed", "in"}  # fmt: skip
_OF_PERSONS = (*DIRECT, "note", "address", "age")
_SMALL_WORDS = {
    "date", "type", "code", "niveau", "level", "liste", "list", "groupe", "group", "numero",
    "number", "nombre", "info", "infos", "data", "champ", "field", "colonne", "column", "created",
    "updated", "source", "zone", "tour", "marker", "color", "couleur", "icon", "symbol", "size",
    "campaign", "campagne", "equipe", "team", "user", "layer", "couche", "fid", "objectid",
}  # fmt: skip
_LONGEST = 48
_MAIL_OR_NUMBER = re.compile(r"@|\d(?:[ .-]?\d){4}")


def plain_words(text: str) -> list[str]:
    """Return the words of a text: lower case, without accents; camelCase is two words.

    Examples
    --------
    >>> plain_words("Niveau de soutien"), plain_words("firstName"), plain_words("email_2")
    (['niveau', 'de', 'soutien'], ['first', 'name'], ['email', '2'])
    """
    text = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])", " ", text[:200])
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z]+|\d+", bare)


@cache
def _known() -> dict[tuple[str, ...], tuple[str, bool]]:
    """Each run of words with its kind, and whether it must be the whole header."""
    found: dict[tuple[str, ...], tuple[str, bool]] = {}
    for kind, runs in SYNONYMS.items():
        for run in runs.split():
            words = tuple(word for word in run.split("_") if word not in _STOP)
            found.setdefault(words, (kind, False))
    for kind, whole in _AMBIGUOUS.items():
        for run in whole:
            found[tuple(run.split("_"))] = (kind, True)
    return found


def kind_of_header(header: str) -> tuple[str, bool]:
    """Return the kind of a header, "" where it is not known, and whether its cells must agree.

    Examples
    --------
    >>> kind_of_header("Date de naissance"), kind_of_header("primary_email1")
    (('age', False), ('email', False))
    >>> kind_of_header("nom"), kind_of_header("email_opt_in"), kind_of_header("fid")
    (('name', True), ('', False), ('', False))
    """
    words = [w for w in plain_words(header) if not w.isdigit() and w not in _STOP]
    known = _known()
    for length in range(len(words), 0, -1):
        # The last run of a length: what a word in front of it says of whose it is.
        runs = [tuple(words[at : at + length]) for at in range(len(words) - length, -1, -1)]
        for kind, whole in (known[run] for run in runs if run in known):
            if whole and length < len(words):
                continue
            if kind in _OF_PERSONS and _ABOUT & set(words):
                return "", False
            return kind, whole
    # Every other tool numbers people in a column of its own: van_id, salesforce_id.
    return "", False


@cache
def given_names() -> frozenset[str]:
    """Given names of French and English speakers, lower case, without accents."""
    text = (resources.files("privaudit.tables") / "given_names.txt").read_text(encoding="ascii")
    return frozenset(text.split())


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word for run in _known() for word in run) | _SMALL_WORDS


def may_name_somebody(header: str) -> bool:
    """Say whether a header may itself be a person's: a name, an e-mail, a number, a sentence.

    One that is known says what stands below it; of others, every word must be one of a table's.

    Examples
    --------
    >>> [may_name_somebody(h) for h in ("Marie Dupont", "0612345678", "Niveau de soutien", "zone")]
    [True, True, False, False]
    """
    if len(header) > _LONGEST or _MAIL_OR_NUMBER.search(header):
        return True
    if kind_of_header(header)[0]:
        return False
    words = plain_words(header)
    if set(words) & _vocabulary():
        return False
    capitals = re.findall(r"(?<!\w)[^\W\d_a-z][\w'’-]*", header)
    return len(capitals) > 1 or bool(set(words) & given_names()) or not words
