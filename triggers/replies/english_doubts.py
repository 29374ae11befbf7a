"""Which phrases of English may refuse, and which only look as if they did?"""

from __future__ import annotations

INNOCENT = """
    stop by/bye/over/off/sign/signs/light/lights/loss/motion/watch/working/smoking/worrying/drinking
    stop in $
    stop in tomorrow/today/at/the/your/later/and/person/on/when
    stop at the/your/my/a/our
    stop for gas/coffee/lunch/a/petrol/fuel/dinner
    stop to get/buy/pick/see/visit/say
    bus/train/tram/truck/pit/rest/full/non/first/last/next/one/final/short/metro/subway/each/which/
        every stop
    ^ <not>/cant/cannot stop
    ^ i/we/pls? do? <not>/cant/cannot want/wish to stop/unsubscribe/cancel/leave
    ^ i/we cant/cannot/wont/couldnt/didnt/never stop
    wont/cannot/cant stop loving/laughing/crying/thinking/using
    ^ <not> unsubscribe/remove/delete/cancel/unsub/quit/end
    ^ <not>/no want/need? to unsubscribe/cancel/stop
    didnt mean/want/ask/say/wish/intend to stop/unsubscribe/cancel/optout
    unsubscribed/optedout by mistake/accident
    accidentally unsubscribed
    stop/cancel/end/remove/delete/quit/terminate/stopping/cancelling/canceling/
        revoke <kind>* <business>
    quit smoking/drinking/sugar
    quit my/the/his/her job/work
    not/good/well/long/big/fair/sure/close/fast/quick/soon enough
    end of/date/user
    enough money/time/information/info/funds/balance/credit/credits
    remove/delete the/a/an/this/that old/second/first? item/items/card/address/charge/fee/limit/
        block
    spam folder/filter/box
    not a? spam
    no problem/problems/worries/rush/idea/need/question/questions/changes/issue/issues/doubt
    not interested in the/a/your? renewal/extension
    call me/us crazy/old/stupid/maybe/names
    did/didnt/does/has/who/why you/u/someone/somebody/anyone/they? call/called me/us
    you/they/people/u always/never/keep/only call me
    ^ you/they/people/u call me every/all/twice/too/daily/again/constantly/so
    real estate agent
    wrong/incorrect number of/on/in/for/was/at
    i/we/she/he just/have/had/accidentally/must/may* entered/typed/gave/wrote/dialed/dialled/put/
        used/got/given/called/updated/registered the/a/you/my? the/a? wrong
    wrong number for
    isnt/not the/a/an/your/what/which/about number/phone
    called/dialed/dialled/charged/billed/credited/debited/transferred/sent/printed to/from/it? the/
        a? to? wrong
    is/was/did this/it/i/that the/a/dial? the? wrong number/person
    get/got/gets/getting/be/being/was/are/am/been/not/isnt/arent/havent/hasnt/wasnt paid on/for/by/
        twice/yet/weekly/monthly/every/next
    paid twice/too/double/extra/more/less/for/by/leave/only/part/half/partially/off
    how/when/what/who/if/whether/where much/many? have/has/was/did/had? i/we/it/he/
        she? already? paid/pay
    did/have/was/has/is/had i/we/he/she/it/this/the/my bill/payment? been? just? already? paid/pay/
        settled/made/done
    i/we/already paid/payed/settled it/this/that/the/my? bill/invoice? twice/double
    thanks for your/the/all? help/info/information/support/call/update
"""

DOUBTFUL = """
    stop/stopp/stopall/stoped/unsubscribe/unsub/unsubscribed/optout/unsubscription/cease/desist
    cancel/quit/revoke/remove
    ^ end/enough/halt/abort/exit/off/delete
    enough/off $
    optedout
    delete/erase my/me/this/all
    <not> call/bother/disturb/annoy/harass/contact/text/message/write/email
    <not> send/sending
    stopping/stops <these>* <messages>
    no more
    not/isnt interested/intrested
    uninterested
    no longer interested/want/wish
    <not> want/need/wish/like this/these/your/it/any/anything
    <not> want/need/care $
    go away
    forget me/us
    get lost
    fuck/piss/bugger/buzz/f/back off
    fuck/screw you/u
    shut up
    spam/spammer/spammers/spamming/junk/scam/harass/harassing/harassment/harrassment/nuisance
    sick/tired/fed up? of/with
    block/blocked/blocking you/u/your
    block this number
    report/reporting/reported you/u/this/your
    sue/lawsuit/gdpr/tcpa
    take me/us off
    leave me/us
    mute/silence/muted
    who gave you my
    why are/r/do/did you/u/ya keep? texting/messaging/sending/contacting/spamming/text/message/
        contact/send
    how/where did you get my
    never gave/given you/ur/your/permission/consent/my
    didnt give you/permission/consent/my
    without/no permission/consent
    didnt/never sign/signed/ask/asked/subscribe/subscribed/agree/agreed/consent/consented/request/
        requested
    bothering/annoying/pestering/disturbing me/us
    too many/much <messages>
    maspik/dai/tafsiku/tasiru/lehasir
"""

DOUBTFUL_ALONE = """
    no/nope/nah/never/not thanks/way/now/thx?
    off/exit/halt/abort/block/blocked/mute/pause/out/not/stopped/annoying/irritating/annoyed
    leave/leaving
"""
