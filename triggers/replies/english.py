"""How do people who write English say stop, start, help, call me, wrong number and paid?"""

from __future__ import annotations

from triggers.replies.english_doubts import DOUBTFUL, DOUBTFUL_ALONE, INNOCENT
from triggers.replies.meanings import Meaning
from triggers.replies.table import Table

_FAMILIES = {
    "messages": """message messages messaging messeges mesages msg msgs text texts texting txt txts
        sms smses smss notification notifications alert alerts reminder reminders update updates
        ad ads advert adverts advertisement advertisements advertising promo promos promotion
        promotions promotional marketing spam newsletter newsletters communication communications
        solicitation solicitations mailings whatsapp emails""",
    "list": """list lists database databases mailing texts messages msgs sms system listing
        subscription subscriptions distribution""",
    "these": """the these those this that all any your ur yr my our future such so many more further
        other stupid annoying unwanted unsolicited fucking damn bloody contact calling sending""",
    "not": "dont never not dnt",
    "me": "me us",
    "pester": """texting messaging smsing spamming harassing bothering bugging contacting calling
        emailing pestering annoying disturbing txting msging messageing stalking""",
    "business": """appointment appointments meeting order orders payment payments card cards check
        checks cheque cheques checkbook chequebook plan policy insurance flight booking reservation
        delivery loan mortgage transfer debit transaction visit claim contract line package
        purchase item cart transaction charge charges fee interest installment installments
        process request ticket trip""",
    "kind": """my the this that our a an his her credit standing direct next
        monthly bank automatic upcoming car last""",
    "somebody": """agent agents someone somebody person human representative rep manager supervisor
        anyone anybody advisor adviser banker people operator clerk service support""",
    "agent": "agent human person representative rep operator advisor adviser supervisor manager",
}

_JOINED = """
    do not = dont; does not = doesnt; did not = didnt; is not = isnt; are not = arent
    was not = wasnt; have not = havent; has not = hasnt; will not = wont; can not = cannot
    could not = couldnt; would not = wouldnt; thank you = thanks; thank u = thanks; no one = noone
    opt out = optout; opting out = optout; opted out = optedout; un subscribe = unsubscribe
    at once = now; for good = forever; good morning = hello; good evening = hello; a lot = thanks
    in advance = thanks; right now = now; wrong no = wrongnumber
"""

_COURTESIES = """please pls plz plse pleas plss pleaz kindly thanks thankyou thx ty tnx cheers ok
    okay okey k hi hello hey dear sir madam guys now immediately asap forever just already very much
    so yo oh ffs omg wtf lol regards bye urgent urgently yes yeah immediatly"""

_ALONE = {
    Meaning.STOP: """
        end/quit/enough it/this/all?
        cancel/revoke/remove/delete all/me/us?
        no more
        no more of this/these/it
        thats/that enough
        that is enough
        enough is enough
        cease and? desist?
        i quit/cancel/revoke/remove
        cancelled/canceled/cancell
        off the? list
    """,
    Meaning.HELP: "support\nassistance\ninstructions",
    Meaning.START: "restart/continue\nbegin",
    Meaning.PERSON: """
        <agent>
        a/an/the <agent>
        human being
        helpdesk
        customer service/support/care
    """,
    Meaning.PAID: "paid/payed\nsettled\ndone paid\nall paid/settled",
}

_AS_CLAUSE = {
    Meaning.STOP: """
        stop all/it/this/that/them/these/everything/me/us/both/again?
        stopall/stopp/stops/stopit/stopnow/stopplease/stopstop/stop2end/stop2quit
        i/we? want/wish/need/would/id to/like? to? stop/unsubscribe
        i/we? want/need out
        make/let it/this/them stop
        can/could/would/will/wont you/u/ya just? stop
        i said/say/mean/meant stop
        stop this/the/your/that nonsense/bullshit/crap/shit/harassment/madness
        text/txt/reply/send/type/say/write stop
        stop i/we mean/said/say it/stop/so?
        optout/opt/removeme all/me?
        remove/delete/block/unlist me/us
        remove/delete/erase my/this phone/mobile/cell/contact? number/numbers/name
        vxr/vxrv/haser/hasser/hasara
    """,
    Meaning.START: """
        start it/this/again/all/over/messages/sms/texts?
        unstop/subscribe/resubscribe/optin/unblock me/us? again/all?
        opt me/us? back? in
        resume
    """,
    Meaning.HELP: """
        help/info/information/hlp me/us?
        i/we? need/want/would like? some/more/your? help/info/information/assistance
    """,
    Meaning.PERSON: """
        i/we? want/need/prefer/wanna to/the/your? a/an? <agent>
        get/give/send/find/connect/transfer/put/let me/us? to/with/through? to/with? a/an/the/
            your? <agent>
        i? would/id like a/an <agent>
        can/could/may i/we? get/have/reach? a/an? <agent>
        call
        contact me/us
        is there a/any/an <agent>
        call/phone/ring back
        callback
    """,
    Meaning.PAID: """
        i/we? have/ve? all? paid/payed/settled it/this/everything/them/that/
            you? in? full? last? yesterday/today/earlier/before/online/ago/already/week/month/night?
        ive/weve/was/is/its/been/bill/all paid/payed/settled it/this/everything/
            that? in? full? yesterday/today/online/earlier?
        this/that/it was/is/has been? paid/payed/settled
        paid in full
        paid/payed it? yesterday/today/already/earlier? online/by/in/with? bank/credit? cash/card/
            check/cheque/transfer/full?
        i/we? paid/payed it/that? this morning/afternoon/week/month
        its/has/have been paid/payed/settled
        the/my/this/that/it bill/invoice/debt/balance/payment/amount? has/was/is/got/
            have been? paid/payed/settled/done/made/completed yesterday/today/online/already?
    """,
    Meaning.WRONG_NUMBER: """
        not me
        this/that/it isnt me
        i/im am? not him/her/them
    """,
}

_ANYWHERE = {
    Meaning.STOP: """
        unsubscribe/unsub/unsubscribed/unsubscribing/unsuscribe/unsubcribe/unsubscibe
        stop/quit/cease <pester>
        stop/quit/cease writing to? <me>
        stop/quit/cease sending/send <me>? <these>* <messages>
        stop/quit/cease sending/send <me>? this/these/that/those/it/them/anything/stuff/things/crap/
            shit/junk/garbage/nonsense* $
        stop/quit/cease sending/send <me>? to? <me>? $
        stop/quit/cease sending/send to this/my phone/number
        stop/quit/cease writing/sending $
        stop with? <these>* <messages>
        stop receiving/getting <these>* <messages>
        stop contact/communication
        asked/told/telling/asking/begging/want/need/like/ask you/u/ya/them to stop
        end/cancel/disable/discontinue/terminate/deactivate <these>* <messages>
        turn/switch/shut off <these>* <messages>
        no more of? <these>* <messages>
        enough with/of <these>* <messages>
        remove/take/delete/get/scratch/strike/drop/block/exclude <me> off/from/of/
            out of? <these>* <list>
        remove/take/delete/get/scratch/strike/drop <me> off/from $
        want out of <these>* <list>
        be? removed/deleted/taken off/from of? <these>* <list>
        remove/delete me/us $
        remove/take/delete/get my/this/our phone/mobile/cell/contact? number/name/details/info/
            contact from/off/of/out of? <these>* <list>
        <not> ever? text/message/txt/sms/msg/contact/email to? <me>/my/this
        <not> ever? write to? <me>
        <not> ever? contact $
        ^ <not> ever? text/txt/message $
        <not> ever? bother/disturb/annoy/pester <me> with <these>* <messages>
        <not> ever? contact/text/message/call/bother/disturb <me> again/anymore/ever/any
        <not> ever? send/sending <me>? <these>* <messages>
        <not> ever? send/sending <me>? anything/anymore/nothing
        <not>/no/longer/wont want/wish/like/agree to? receive/get/getting/receiving/
            have <these>* <messages>
        <not> consent/agree/agreed/consented to <these>* <messages>
        <not>/no/longer want/wish/like to be? contacted/texted/messaged/disturbed/bothered
        <not>/longer want/need/wish/like <these>* <messages>
        <not>/no/longer want/wish/like to? receive/get/receiving/getting this/these/them/those $
        <not>/longer want/wish to hear from
        not interested in receiving/getting
        remove/take my/this phone? number/name off $
        leave <me> alone/be
        let me be $
        lose/forget/erase my/this number
        revoke/revoking/withdraw/withdrawing my/all/the/any? consent/permission
        <not> consent to
        opt me/us out
        optout/optedout $
        optout/optedout of <these>* <messages>
        cease and desist
    """,
    Meaning.START: """
        resubscribe
        start/resume/restart/continue/renew/begin sending? <me>? <these>* <messages>
        start/resume/restart sending <me>? again
        sign/opt me/us up/in/back again?
        add/put me/us back? to/on <these>* <list>
        want/like/love/wish to? start? receive/receiving/get/getting <these>* <messages> again
        unsubscribed by mistake/accident
        text/message me again
    """,
    Meaning.PERSON: """
        call/phone/ring/telephone <me>
        give <me> a call/ring/callback
        call/get back to? <me>
        return my call
        speak/talk/chat/speaking/talking/spk to/with/2 a/an/the/your/some/any/real/live/actual/
            customer* <somebody>
        real/live/human/actual/living <agent>/people
        have/ask/get/tell a/an/your? someone/somebody/<agent> to? call/contact/phone/ring
        can/could/would/will/should someone/somebody/anyone/a/an <agent>? help/call/contact/phone/
            ring/speak/talk
        need/want/get/request/expect/waiting/wait for? a/your call/callback
        contact <me> by/on/via/at/tomorrow/today/asap/please
        customer service/support please
        transfer/connect <me> to/with a/an/the/your? <somebody>
    """,
    Meaning.PAID: """
        already/allready/alredy/alrdy paid/payed/settled it/this/that/them/the/my?
        paid/payed/settled it/this/the/my/that bill/invoice/debt/balance/amount? already/yesterday/
            today/online
        i/we/ive/weve have? just/already/did paid/pay/payed/settled
        i/ive/we/weve have? paid/payed/settled my/the/this/that/your all? outstanding? bill/bills/
            invoice/debt/balance/amount/dues/loan/installment
        i/we did pay
        i/we/ive/weve have? just/already? paid/payed it/this/that/them/the/yesterday/today/online/
            in/via/with/by/last/on
        payment/transfer/bill has/was/is been? already? made/done/sent/paid/settled/completed
        payment already? sent/made/done/completed
        i/we/ive have? already/just? sent/made/transferred/completed the/my/this/a payment/money/
            amount/transfer
    """,
    Meaning.WRONG_NUMBER: """
        wrong/incorrect number/nr/no/num/person/phone/guy/recipient/contact/man/woman/lady/numbr
        wrongnumber
        not/isnt my number/no/nr
        not/isnt my phone $
        not the right/correct person/number
        not the person
        not who/whom you/u think/want/looking/are
        nobody/noone/person here? by/with/called/named/of that/this name
        dont/do know/have that/this/any person/man/woman/guy/name
        number belongs to
        this/that/it isnt/not _ number/phone/cell/mobile
        number doesnt belong to
        no longer/more _ number/phone/cell/mobile
        not/isnt his/her/their number
    """,
}

ENGLISH = Table(
    families=_FAMILIES,
    joined=_JOINED,
    courtesies=_COURTESIES,
    negations="""dont dnt not never didnt doesnt without wont isnt arent havent hasnt wasnt nobody
        noone""",
    alone=_ALONE,
    as_clause=_AS_CLAUSE,
    anywhere=_ANYWHERE,
    innocent=INNOCENT,
    doubtful=DOUBTFUL,
    doubtful_alone=DOUBTFUL_ALONE,
    near="stop stopall unsubscribe cancel remove optout revoke",
    not_near="""shop step top stoop stow slop atop stomp strop chop stock stops stopped cancer
        removed remote remover revoked invoke evoke canceled removes stoop stoup slot spot prop
        drop crop store""",
)
