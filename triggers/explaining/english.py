"""How is it said in English?"""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    # nothing ever started
    "no_event": "It stayed silent: no {event} has come for this customer.",
    "erased_before": "It stayed silent: no {event} is known of this customer, and what came before"
    " {time} was erased.",
    "start_false": "It stayed silent{about}: the {event} of {time} did not meet its condition,"
    " because {because}.",
    "start_unknown": "It stayed silent{about}: nobody can say whether the {event} of {time} met its"
    " condition, because {because}.",
    "no_key": "It stayed silent: the {event} of {time} has no value at {detail}, which tells one"
    " case from another.",
    "no_date": "It stayed silent{about}: the {event} of {time} has no date at {detail} that can be"
    " read.",
    "not_counted": "It stayed silent{about}: the {event} of {time} was not counted, because"
    " {detail} has no value that can be used.",
    "counting": "It stayed silent{about}: the {event} of {time} brought its count to {reached} of"
    " {reach}.",
    "history": "It stayed silent{about}: the {event} of {time} was published as history, which"
    " starts nothing.",
    "before_trigger": "It stayed silent{about}: the {event} of {time} came before the trigger was"
    " put in force at {born}.",
    "withdrawn_event": "It stayed silent: the {event} of {time} was withdrawn.",
    "unread": "It has said nothing yet: the {event} of {time} waits to be read.",
    "set_aside": "It has said nothing yet: the {event} of {time} could not be read and was set"
    " aside, until somebody replays or dismisses it.",
    "spent": "It said nothing more{about}: what the {event} of {time} asks for was decided before,"
    " and nothing is decided twice.",
    "forgotten": "Nothing is known{about} any more: what was decided on the {event} of {time} is no"
    " longer kept.",
    # occurrences
    "pending": "It waits{about} until {due}; then it asks everything once more.",
    "pending_open": "It waits{about} until {due}; only then does it ask {open}.",
    "pending_due": "It has been due{about} since {due}, and asks everything once more as its turn"
    " comes.",
    "put_off": "It was put off{about} until {due}: {reason}.",
    "called_off_by": "It was called off{about} at {at} by the {event} of {time}.",
    "called_off": "It was called off{about} at {at}: {reason}.",
    "skipped": "It kept silent{about} for good at {at}: {reason}.",
    "held_out": "It kept silent{about} on purpose at {at}: {reason}.",
    "shadowed": "It only pretended to write{about} at {at}: {reason}.",
    "messaged": "It wrote{about} at {at} by {channel}: {state}.",
    "messaged_since": "It wrote{about} at {at} by {channel}; how that stood at the moment asked"
    " about is not kept.",
    "messaged_forgotten": "It wrote{about} at {at}; the message itself is no longer kept.",
    "parked": "It meant to write{about} at {at}, but the message waits for one of us to decide"
    " ({why}).",
    "handed_over": "It asked a person of {queue} to call{about} at {at}: {state}.",
    "handed_over_forgotten": "It asked a person to call{about} at {at}; the call itself is no"
    " longer kept.",
    # parts of sentences
    "about": " about {key}",
    "place": " ({word}, {place})",
    "setting": " ({word}: {value}, {place})",
    "default": " ({word} is not written and so is {value}, {place})",
    "part_no": "{text} is false",
    "part_yes": "{text} is true",
    "part_unknown": "{text} is unknown",
    "part_open": "{text} is not asked yet",
    "because_segment": "{path} is {value}, because {because}",
    "with_value": "{path} is {value}",
    "without_value": "{path} is not known",
    "because_when": "its condition does not hold, because {because}",
    "because_expired": "its time had run out, for it was of use only until {expires}",
    "because_routes": "none of its ways to reach him fits, because {because}",
    # what holds for all triggers
    "note_unread": "Nothing new is decided of this customer yet: what came for him waits to be read"
    " (events: {count}).",
    "note_set_aside": "Nothing is sent to this customer: what could not be read is set aside"
    " (events: {count}), until somebody replays or dismisses it.",
    "note_erased": "This customer was erased at {time}: what was known before is gone, and what is"
    " told of it has no names and no values.",
    "note_forgotten": "Events, facts and changes of the profile received before {time} are kept no"
    " longer, so that nothing can be said of them.",
    "note_older": "The configuration in force then can no longer be read; its triggers are"
    " explained as they are now.",
    "note_paused": "Sending is paused ({scope}) since {time} by {by}.",
}
REASONS: Mapping[str, str] = {
    "called_off": "something came that calls it off",
    "expired": "its time had run out",
    "mode_off": "the trigger is switched off",
    "no_route": "none of its ways to reach the customer fits",
    "no_address": "there is no address that can be written to ({detail})",
    "suppressed": "the customer has refused to be written to by {detail}",
    "no_consent": "the customer has not agreed to {detail}, or has refused it",
    "when_false": "its condition does not hold",
    "paused": "sending is paused ({detail})",
    "quiet": "it is a quiet time for the customer",
    "pace": "as many as may go at once have gone, or people have as many calls as they can take",
    "rate": "the sender has no room at the moment",
    "breaker": "the sender is failing and rests",
    "cooldown": "the trigger has written to the customer not long ago",
    "cap": "the customer has had as many messages of the category {detail} as he may",
    "ramp": "the customer is not yet among those the trigger is opened to",
    "holdout": "the customer is one of those held out, so that the effect can be measured",
    "shadow": "the trigger runs in shadow, where nothing leaves",
    "fuse": "the fuse is blown, for more would have gone out than may be right",
    "spend": "the money that may be spent is spent",
    "our_error": "our own program failed on it ({detail}) and tries again",
    "disarmed": "its event changed and no longer meets its condition",
    "moved": "its moment has moved",
    "trigger_changed": "the trigger was changed",
    "trigger_removed": "the trigger was removed",
    "withdrawn": "the event it came from was withdrawn",
    "merged": "the customer was merged into another",
    "erased": "the customer was erased",
    "no_key": "an event had no value at {detail}",
    "no_date": "an event had no date at {detail} that can be read",
    "unknown_field": "nothing is known at {detail}",
    "text_failed": "its text could not be written ({detail})",
}
MESSAGES: Mapping[str, str] = {
    "sending": "it is on its way to the provider",
    "planned": "the provider could not take it, and it is tried again ({why})",
    "accepted": "the provider has taken it",
    "sent": "the provider has sent it",
    "delivered": "it has arrived",
    "failed": "it failed for good ({why})",
    "unknown": "the provider's answer was never heard, and it is being asked",
    "expired": "it could not be sent before its time ran out",
    "called_off": "it was called off before it could be tried again ({why})",
    "parked": "it waits for one of us to decide ({why})",
    "delivery_unknown": "nobody ever said whether it arrived",
}
CALLS: Mapping[str, str] = {
    "open": "nobody has taken the call yet, which is due by {due}",
    "taken": "{by} has taken the call, which is due by {due}",
    "done": "{by} has called",
    "failed": "the call was ended without reaching the customer",
}
NOBODY = "somebody"
AND = " and "
