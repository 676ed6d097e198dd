# Words for people. The same keys and variables as in ru.ftl. Values are already escaped for Telegram's HTML.

## Commands

command-start = Start
command-menu = Menu
command-help = Help
command-cancel = Cancel and go back to the menu
command-language = Язык / Language
command-staff-find = Find a request
command-staff-my = My requests
command-staff-overdue = Overdue
command-staff-stats = Figures
command-staff-export = Export as XLSX
command-staff-reset = Reset a password
command-staff-help = Help

## Buttons

button-login = Log in
button-registration = Sign up
button-forgot = Forgot your password?
button-requests = Requests
button-readings = Readings
button-profile = Profile
button-logout = Log out
button-new = New request
button-to-requests = To requests
button-reading = Enter a reading
button-askue = ASKUE
button-submit-askue = Get the data
button-askue-waiting = ⏳ Getting the data…
button-askue-anew = Get again
button-meters = Earlier readings
button-png = Chart
button-xlsx = Excel
button-period = Period
button-whole = All time
button-place = Where the meter is
button-layout = Table layout
button-seen = I see a table
button-unseen = It is blank
button-reminders-off = Do not remind me of readings
button-reminders-on = Remind me of readings
button-history = Meter history
button-to-readings = To readings
way-replaced = The meter was replaced
way-rollover = It passed through zero
way-confirmed = It is correct
way-kept = Keep it as it is
button-password-again = Send it again
button-correct-email = Correct the email
button-reading-visit = Taking a meter reading
button-password = Change password
button-answer-channel = Way of answering
button-submit-now = 🚨 Send it now
button-sessions = Where I am logged in
button-end-session = Log out there: { $number }. { $name }
button-my-data = My data
button-deletion = Delete the account
button-deletion-on = Go on deleting
button-language = Language
button-menu = Menu
button-resume = Go on filling in
button-resume-form = Go on: { $form }
button-discard = Delete the draft
button-keep = Go on
button-again = Start again
button-later = Later
button-no-letter = The letter does not arrive
button-enter-code = Enter the code
button-copy-number = Copy the number
button-receipt = Receipt
button-supplement = Add something
button-withdraw = Withdraw
button-withdraw-yes = Withdraw the request
button-dispute = I disagree
button-dispute-yes = Have it reviewed again
button-copy = File it again
button-reply = Answer
button-open-request = Open the request
button-share-phone = Share my number
button-day =
    { $when ->
        [yesterday] Yesterday, { $day }
        [today] Today, { $day }
        [tomorrow] Tomorrow, { $day }
       *[other] { $weekday }, { $day }
    }
button-remove = ✕ { $name }
button-back = Back
button-cancel = Cancel
button-skip = Skip
button-done = Done
button-edit = Change
button-submit-registration = Sign up
button-submit-request = Send
button-submit-password = Save
button-submit-reset = Save
button-submit-reading = Submit

## Menus

menu-guest =
    <b>Consumer's personal account</b>

    Here you file requests to the grid company and follow their review.

    Log in or sign up: it takes two minutes.
menu-consumer =
    <b>Consumer's personal account</b>
    { $name }

    Choose a section.
nothing-here =
    I am not waiting for a message now. Choose what to do.
message-unreadable = This message could not be read and was not taken. Send it again as plain text, a photo or a file. If that does not help, open the menu: /menu
session-over =
    You are not logged in, or your session is over.

    Log in with your email and password.
help =
    <b>Help</b>

    The bot of { $company } takes requests, keeps them and tells you about their review.

    • New here: “Sign up”, the password comes by email.
    • A request: “Requests” → “New request”. Its number and review date come here and by email.
    • A wrong answer: “Back”, or “Change” before sending.

    /menu – menu, /cancel – cancel what was begun, /language – language.

    Support: { $phone }, { $email }
language-choose = На каком языке вам удобнее? / Which language do you prefer?
language-name = English
reply-keyboard-gone = Got it.
internal-error =
    That did not work: something failed on our side and we know about it. Your answers are kept.

    Try again in a minute or open /menu.
update-failed =
    That did not work: something failed on our side and we know about it. Your answers are kept.

    Open /menu and repeat your last step.
update-took-too-long =
    That took too long, and we stopped your last step. Your answers are kept.

    Open /menu and repeat it. If it fails again, call us: the number is in /help.
update-words-lost =
    The bot restarted before it had read your message. We deleted it, so that no password or code stays in the chat.

    Write it again. If you see no question, open /menu.
update-overflow =
    Too many messages at once: the bot did not take some of the last ones.

    Wait for the answers to the earlier ones, then send the last messages again.
outdated = This window is out of date. The live one is below.
secret-not-deleted = Telegram did not let me delete your message with the password. Delete it yourself so that nobody sees it.
file-unnamed = file
photo = photo

## Readings

readings =
    <b>Readings</b>

    Submit what your meter shows, or look at earlier readings. To have a specialist read it on site, file a request. Questions about meters: { $phone }.
kwh = kWh
reading-reminder = This month's meter reading has not been submitted yet. Please do so by { $closing }: later it counts in the next period.
meters =
    { $count ->
        [0]
            <b>No readings yet</b>

            Press “Enter a reading” for the first one.
       *[other]
            <b>Earlier readings</b>

            Choose a meter.
    }
history =
    <b>{ $meter }</b>
    { $period }{ $pages ->
        [1] { "" }
       *[other] { " " }· page { $page } of { $pages }
    }
history-whole = all time
history-none = No readings in this time. Choose another period.
history-line = { $date }. { $values }. Used: { $used }. Source: { $source }. Marks: { $marks }.
used-unknown = not known
marks-none = none
table-date = Date
table-zone = Zone
table-value = Reading
table-used = Used
table-source = Source
table-marks = Marks
table-notes = Source, marks
sheet-readings = Readings
chart-title = Use by month: { $meter }
source-bot = bot
mark-replaced = replaced
mark-rollover = through zero
mark-confirmed = confirmed
mark-late = late
mark-corrected = corrected
askue-not-connected =
    <b>ASKUE</b>

    Remote access to meters is not connected yet. Readings can be submitted by “Enter a reading”.
askue-waiting =
    <b>ASKUE</b>

    Asking for the readings. It usually takes seconds; you may go on using the bot.
askue-patience = The system is still answering. The data will appear here by itself.
askue-cancelled = The call is cancelled. No data was received.
askue-credentials-gone = The identifier and the password are kept for a few minutes only and are forgotten now. Enter them again.
askue-forgotten = This data is no longer kept. Get it again.
askue-failed-refused = Wrong identifier or password. Check the keyboard layout and the case, and send them again. If it does not help, ask the company.
askue-failed-busy = ASKUE asks to wait: too many calls. Try again in a few minutes.
askue-failed-down = ASKUE cannot be reached now. Try later; readings can be submitted by “Enter a reading”.
askue-failed-slow = ASKUE did not answer in time. Try later; readings can be submitted by “Enter a reading”.
askue-failed-strange = ASKUE gave an answer that holds no data. Try later; if it happens again, tell the support.
askue-table =
    <b>ASKUE</b> · meters: { $count }{ $pages ->
        [1] { "" }
       *[other] { " " }· page { $page } of { $pages }
    }
    Active energy in { $active }, reactive in { $reactive }
askue-object = Object
askue-meter = Meter
askue-active-import = Active import
askue-active-export = Active export
askue-reactive-import = Reactive import
askue-reactive-export = Reactive export
askue-received = Date and time
askue-day = Energy of the day { $day }
askue-gaps = Half-hours without reliable data: { $count }, they are not in the sum
askue-stale = The data is stale
askue-doubtful = Some values were wrong and are not shown
layouts =
    <b>How tables look</b>

    • Columns: aligned, shown everywhere.
    • Lines: sentences, good for screen readers.
    • Telegram's table: nicer, but some versions of Telegram show a blank space instead. You will see a sample first.
layout-text = Columns
layout-lines = Lines
layout-rich = Telegram's table
layout-sample = A sample: there should be a table below this line.
reading-before = Last reading: <b>{ $value } kWh</b> of { $date }
reading-last = <b>Last reading</b> of { $date }
reading-used = Used: <b>{ $value } kWh</b>
reading-no-difference = The use is not known yet: there is nothing to compare with.
reading-corrects = A reading of this meter was entered today. The new one takes its place, the old one stays in the history.
reading-late = This month's term is over. The reading will be taken, marked “late”, and counted in the next period.
reading-submitted =
    Reading accepted: <b>No. { $number }</b>, { $time }
    { $meter }
reading-mark-replaced = Mark: meter replaced.
reading-mark-rollover = Mark: the meter passed through zero.
reading-mark-confirmed = Mark: high use confirmed.
reading-mark-late = Mark: late. It counts in the next period.
reading-mark-corrected = Mark: corrected, a newer reading of this day is in force.

## Login and registration

consent =
    Consent to personal-data processing (version { $version })

    I give the operator of personal data ({ $company }, INN { $inn }, { $address }) my consent to process my personal data: my name or the name of the organisation, email address, phone, Telegram id, addresses, INN, OGRN and SNILS if I state them, meter readings, information and documents in requests and messages.

    Actions: collection, recording, storage, correction, use and deletion, by automated means and without them. Channel: the Telegram messenger, through which my messages and files and the answers to them pass.

    Purpose: keeping the personal account, reviewing requests and answering them. The consent is valid as long as the account exists. It can be withdrawn at any moment: “Profile” → “Delete the account”, or by a letter to { $email } or to the address of the operator.

    Personal-data policy: { $policy }
consent-needed = Without your consent to personal-data processing an account cannot be opened.
consent-refused =
    Without your consent to personal-data processing an account cannot be opened. Nothing about you was kept.

    You can file a request without an account: { $phone }, { $email }.
registered =
    Done. A letter with the password was sent to <b>{ $email }</b>.

    Log in with this address and the password from the letter. If it is not there in five minutes, look into “Spam”.
registered-again =
    The letter with the password was sent to <b>{ $email }</b> again. The password of the earlier letter is not valid any more.

    No letter in five minutes? Look into “Spam” and check the address: a button corrects it.
registration-kept = Your earlier answers are kept. Type the right address.
suggest-password =
    You are logged in: { $name }

    The password from the letter is temporary. Better replace it with your own now.
reset-asked =
    Your request was passed on to our support. If there is an account with the address { $email }, a new password will be sent to it.

    Check the address and your spam folder. If the code arrives after all, enter it: it is valid for 15 minutes.
password-saved = The new password is saved and you are logged in. All other chats are logged out.
logged-out = You have logged out.
logged-out-elsewhere = The password of your account was changed, so you were logged out here. If it was not you, contact support at once. Log in again: /menu
logged-out-by-owner = The owner of the account ended the login in this chat. Log in again: /menu

## Profile

profile =
    <b>Profile</b>

    { $category }
    { $name }
    Email: { $email }
    Phone: { $phone }
    Account opened { $since }
    Answers: { $channel }
sessions =
    <b>Where you are logged in</b>

    If one of them is not yours, press “Log out there” and change the password at once.
session =
    { $number }. { $where ->
        [here] <b>{ $name }</b> (this chat)
       *[elsewhere] <b>{ $name }</b>
    }
    Login: { $since }
    Last message: { $seen }
password-changed =
    The password is changed. Other chats were logged out.

## My data

my-data = My data
my-data-category = Category
my-data-name = Name
my-data-email = Email
my-data-phone = Phone
my-data-language = Language
my-data-since = Account opened
my-data-answers = Way of answering
my-data-telegram = Telegram, number of the chat
my-data-requests = Requests
my-data-status = Status
my-data-registered = Registered
my-data-due = Answer due by
my-data-rating = Rating
my-data-history = History
my-data-messages = Messages
my-data-scans = Scans
my-data-documents = Documents from the company
my-data-drafts = Unfinished forms
my-data-readings = Meters and readings
my-data-consents = Consents
my-data-audit = Who had to do with the data
my-data-by-consumer = you
my-data-by-staff = a member of the staff
my-data-by-system = automatically
my-data-action-find = list of a search
my-data-action-my = list of assigned requests
my-data-action-overdue = list of overdue requests
my-data-action-show = card opened
my-data-action-wrote = message to you
my-data-action-reset = password reset
my-data-action-export = request for these data
my-data-action-rated = rating of an answer

## Requests

scan-infected =
    The file “{ $name }” of request No. { $number } was not handed to the staff: the virus scanner found a threat in it, and it was deleted. The request itself is being reviewed.

    Check your device. If the file is needed, send another one through “Requests”.
card-scan-infected = The scan “{ $name }” was not handed over: the virus scanner found a threat in it. The file is deleted, the applicant was told.
export-ordered =
    The archive is being made: all that we keep about you, and your scans. It comes here as a document.

    At most once an hour. Keep it as carefully as your passport.
export-caption = Your data: “My data.html” to read, data.json for programs, the folder scans. Any archiver opens it.
deletion =
    <b>Deleting the account</b>

    You withdraw your consent to the processing of personal data. Your name, email, phone, password, scans, readings, messages and drafts are deleted at once and for good. Open requests are withdrawn.

    Numbers, dates and statuses of requests stay without your name and words for as long as the law requires.

    You may take a copy first: “Profile” → “My data”.
deleted =
    The account is deleted, the consent withdrawn. Other chats are logged out.

    You may register again at any time: /start
erased-elsewhere = The account that was open here was deleted by its owner. Begin anew: /start
card-erased =
    The consumer deleted the account and withdrew the consent to the processing of personal data. Request No. { $number } is closed, its card and scans are cleared.{ $stay ->
        [0] { "" }
       *[other] { " " }Messages that the bot cannot delete: { $stay }. Delete them below the card yourselves.
    }
status-registered = Registered
status-in_work = In progress
status-clarification = Needs clarification
status-done = Done
status-rejected = Rejected
status-withdrawn = Withdrawn
status-annulled = Annulled
status-mark-registered = 🆕
status-mark-in_work = 🔧
status-mark-clarification = ❓
status-mark-done = ✅
status-mark-rejected = ⛔
status-mark-withdrawn = ↩️
status-mark-annulled = 🚫
answered-mark = 💬
emergency-mark = 🚨
request-withdraw-sure =
    Withdraw request № { $number }?

    The review will stop. You can file a new one at any time.
request-dispute-sure =
    Have request № { $number } reviewed again?

    You will be able to write what you disagree with.
request-disputed =
    Request № { $number } is under review again.

    Write what you disagree with, or attach documents: our specialists will get it.
request-dispute-late = More than 10 days have passed since the request was closed. If the matter is not settled, file a new one: “Requests” → “New request”.
request-overtaken = The status of the request has changed meanwhile. Open it to see the present one.
request-rated = Thank you! Your rating of request № { $number } is recorded.
request-rated-before = Request № { $number } is rated already; that can be done only once.
request-talk =
    <b>Request № { $number }</b>
    Write a message or attach files: our specialists get them at once.

    For example: here is the missing page of the contract.
request-talk-taken = Passed on to our specialists, request № { $number }. Write more, or press “Done”.
request-talk-answered =
    Your answer about request № { $number } was passed to our specialists, and work on it goes on. Expect our answer by { $due }.

    You can write more or press “Done”.
late-files =
    { $count ->
        [one] This file
       *[other] These files
    } came { $place ->
        [request] after request № { $number } had been sent
       *[draft] after you pressed “Done”
    } and { $count ->
        [one] is
       *[other] are
    } not attached:
    { $names }

    Attach to the request?
button-attach-late = Attach to the request
button-leave-late = Do not attach
late-files-attached = Files attached to request № { $number }: { $count }. Our specialists will get them.
registration-refused =
    <b>The letter with your password was refused</b>
    The mail server would not deliver it to the address you gave, so no account was made.

    Register again: check the address, or give another one.
edit-not-relayed = Your correction was not passed on to our specialists: you are no longer logged in to the account you wrote from. Log in again and write the message anew: /menu
request-talk-kind = Our specialists can be given text, a photo or a file. Send one of these, or press “Done”.
request-talk-long = Too long for one message. Split the text and send it in parts.
request-copied = The answers of the earlier request are taken over. Attach the scans again, check, and send.
notice-registered =
    ↩️ Request <b>№ { $number }</b> is under review again.
    { $type }

    Expect an answer by <b>{ $due }</b>.
notice-in_work =
    🔧 Request <b>№ { $number }</b> is being worked on.
    { $type }
notice-answered =
    🔧 We have your answer about request <b>№ { $number }</b>, and work on it goes on.
    { $type }

    Expect our answer by <b>{ $due }</b>.
notice-clarification =
    ❓ Request <b>№ { $number }</b> needs a clarification.
    { $type }

    Answer with the button below. The review clock stands while we wait.
notice-done =
    ✅ Request <b>№ { $number }</b> is done.
    { $type }

    Please rate our work. If the matter is not settled, press “I disagree” within 10 days.
notice-rejected =
    ⛔ Request <b>№ { $number }</b> was declined.
    { $type }

    You can mend it and file it again. If you disagree, press “I disagree” within 10 days.
notice-withdrawn =
    ↩️ Request <b>№ { $number }</b> is withdrawn.
    { $type }
notice-annulled =
    🚫 Request <b>№ { $number }</b> is annulled: the clarification was not answered.
    { $type }

    You can correct it and file it again: the answers are kept.
clarification-reminder =
    ⏳ We are waiting for your answer about request <b>№ { $number }</b>.
    { $type }

    Answer by <b>{ $answer_by }</b>, or the request will be annulled.
request-answer-by = ❗ Answer our question by <b>{ $answer_by }</b>, or the request will be annulled.
notice-words-annulled = Remark
notice-words-registered = Remark
notice-words-in_work = Remark
notice-words-clarification = The specialist asks
notice-words-done = Remark
notice-words-rejected = Reason
notice-words-withdrawn = Remark
talk-from-staff = Request № { $number }, a message from our specialist

requests =
    <b>Requests</b>{ $pages ->
        [1] { "" }
       *[other] { " " }· page { $page } of { $pages }
    }
requests-none =
    <b>Requests</b>

    No requests yet. Press “New request”.
request-line =
    <b>№ { $number }</b> of { $date }
    { $type } · { $status }
request-types =
    <b>New request</b>

    What is it about?
receipt-sent = The receipt for request no. { $number } is in the file above.
receipt-unavailable = The receipt for request no. { $number } could not be made. The request itself is registered; please try again in a few minutes.
request-registered =
    The request is registered: <b>№ { $number }</b>
    { $type }

    Expect an answer by <b>{ $due }</b>.
    { $scans ->
        [0] No scans attached.
        [one] { $scans } file attached.
       *[other] { $scans } files attached.
    } A letter with the number was sent to { $email }.
    { $emergency ->
        [true]
            { "" }
            ⚠️ You reported a danger. Keep at least 8 metres away from fallen wires and call 112 or { $phone }.

            Send the rest with the button “Add something”.
       *[false] { "" }
    }
request =
    <b>Request № { $number }</b>
    { $type }

    Status: <b>{ $status }</b>
    Registered: { $registered }
    Answer by: { $due }
request-text = Description
request-scans = Scans: { $count ->
        [0] none
        [one] { $count } file
       *[other] { $count } files
    }
request-documents = Documents from the company
request-without-text = Sent urgently, without a description.
request-history = History
emergency-warning =
    🚨 <b>This is deadly dangerous. Call 112 or { $phone } at once.</b>
    Stay at least 8 metres away from the wire and keep others away.

    You can send the request now and add the rest later.
answer-channel-asked = How would you like to get answers to your requests?
answer-channel-telegram = Telegram
answer-channel-email = Email
answer-channel-paper = On paper
answer-channel-none = not chosen
answer-channel-set =
    Noted: { $channel }.

    Notices about the status still come here and by email. To change this: “Profile” → “Way of answering”.
request-unknown =
    There is no such request among yours. Open the list of requests.

## Cards of the staff group

card =
    { $emergency ->
        [true] ⚠️ <b>DANGER. Request № { $number }</b>
       *[false] <b>Request № { $number }</b>
    }
    { $type }

    Status: <b>{ $status }</b>{ $by }
    Registered: { $registered }
    Answer by: <b>{ $due }</b>{ $left }
card-rating = The consumer's rating: { $rating }
card-applicant =
    <b>{ $category }</b>
    { $name }
    { $phone }
    { $email }
card-receipt = Receipt { $number }
card-photos = Photos of { $number }
card-document-unavailable = The PDF for no. { $number } could not be made. Press the button again later; if that does not help, look into the bot's log.
card-application = <b>Application on paper:</b> draft no. { $number }. Another number on the scan means other answers.
card-scan = № { $number } · { $name }
card-left = days left: { $days } (as of { $today })
card-overdue = ⚠️ days overdue: { $days } (as of { $today })
card-clock-stopped = the clock stands: waiting for the consumer
card-answer-by = the clock stands: waiting for the consumer until { $answer_by }, then the request is annulled
card-answered = 💬 <b>The consumer has answered the clarification</b>
card-required-papers = Mandatory papers:
card-answer-channel = Answer: { $channel }
card-topic = { $mark } № { $number } · { $type } · { $name }
card-backlog = Requests in the queue: { $count }. Telegram takes 20 messages a minute at most; the cards come in the order of registration.
actor-consumer = the consumer
actor-system = automatically
talk-from-consumer = № { $number } · { $name }
talk-not-delivered = The consumer did not get this in Telegram: they blocked the bot or logged out. It was sent by email to { $email }.
talk-erased = The consumer of request № { $number } deleted their account: there is nobody to pass this on to, and no letters go to their address.
talk-in-refused = The consumer's file “{ $name }” was not passed on: the virus scanner found a threat in it. The consumer was told.
talk-refused =
    The file “{ $name }” was not passed on to the consumer: { $reason ->
        [file-empty] it is empty. Check it and send it again.
        [file-too-big] it is larger than 20 MB, more than the bot can check or send by email. Make it smaller or split it.
        [file-type] the bot passes on PDF, JPEG, PNG, TIFF, HEIC, and documents of Word, Excel, OpenDocument and RTF without macros. Save the file as one of these.
        [file-damaged] it does not open. Check it and save it again.
        [file-locked] it is locked with a password. Save it without one.
        [file-hides-another] a file of another kind is hidden in it. Save the document as PDF again.
        [file-runs-code] there is a script or a macro in it. Save the document without macros, or as PDF.
        [file-unfolds] opened, it would need too much memory. Save it at a lower resolution.
        [file-too-complex] it is built in so complex a way that it could not be checked. Save the document as PDF again.
       *[file-infected] the virus scanner found a threat in it. Check your computer.
    }
talk-given-up = The consumer did not get this: neither Telegram nor the mail server took the message. Call them: { $phone }
talk-delivered = ✓ Passed on to the consumer.
desk-button-in_work = Take on
desk-button-clarification = Ask for clarification
desk-button-done = Done
desk-button-rejected = Decline
desk-button-receipt = Receipt
desk-button-photos = Photos as PDF
desk-overtaken = № { $number } already has the status “{ $status }”: { $by }. Nothing more to press.
desk-unknown-request = There is no such request. Look for the right one: /find number
desk-not-member = Buttons and replies work only for members of the support group.
desk-membership-unknown = Telegram did not say whether you are a member of the support group. Try again in a minute.
desk-unreadable = This message could not be read and was passed on to nobody. Send it again as plain text, a photo or a file.
desk-elsewhere = This button works only in the support group.
desk-anonymous = You write as the group, so nobody knows who acts. Switch anonymity off in your administrator rights and repeat.
desk-admins-only = Only administrators may do that: they are listed in the setting STAFF_ADMIN_IDS.
desk-ask-rejected =
    { $name }, why is request № { $number } declined?
    Choose a reason, or write your own as a reply to this message. The consumer will get it.
desk-ask-clarification =
    { $name }, what is to be clarified in request № { $number }?
    Choose a question, or write your own as a reply to this message. The consumer will get it.
desk-own-rejected = <a href="tg://user?id={ $id }">{ $name }</a>, write the reason for declining request № { $number } as a reply to this message.
desk-own-rejected-placeholder = For example: not in our grid
desk-own-clarification = <a href="tg://user?id={ $id }">{ $name }</a>, write your question about request № { $number } as a reply to this message.
desk-own-clarification-placeholder = For example: please send a photo of the meter
desk-own-words = In my own words
desk-words-needed = Words are needed: write them as text, as a reply to the same message.
desk-words-taken = № { $number } – “{ $status }”: { $by }
desk-words-rejected-1-short = Not our grid
desk-words-rejected-1 = The site does not belong to our grid. Please turn to the grid company of its area.
desk-words-rejected-2-short = No documents
desk-words-rejected-2 = Documents without which the request cannot be reviewed are missing. Please file it again with them.
desk-words-rejected-3-short = Filed twice
desk-words-rejected-3 = Another request of yours about this matter is already under review.
desk-words-rejected-4-short = Not confirmed
desk-words-rejected-4 = The data of the request were not confirmed. Please check them and file it again.
desk-words-clarification-1-short = Attach documents
desk-words-clarification-1 = Please attach the documents of the site: proof of title and a location plan.
desk-words-clarification-2-short = Which address
desk-words-clarification-2 = Please clarify the address of the site: street, house, plot or landmark.
desk-words-clarification-3-short = Photo of the meter
desk-words-clarification-3 = Please send a photo of the meter that shows its number and reading.
desk-unknown-message = I do not know which request this is about; nothing was sent to a consumer. Reply to the card of the request or to the consumer's message.
desk-talk-kind = A consumer can be sent text, a photo or a file. Send one of these as a reply to the card.
desk-reset = <b>A new password is asked for</b>
    Make sure that it is the consumer. The password goes to their email only. The button works for 24 hours.
desk-reset-chat =
    Asked by <a href="tg://user?id={ $id }">chat { $id }</a>: { $known ->
        [yes] this account was entered from it before.
       *[no] this account was never entered from it.
    }
desk-reset-by-staff = Asked by the staff with /reset.
desk-reset-expired =
    <b>A request for a new password has expired</b>
    It is older than 24 hours. If it is still needed, send /reset and the address.
desk-reset-late = The card is older than 24 hours and its button no longer works. Send /reset and the address.
desk-reset-button = Reset the password
desk-reset-done = <b>Password reset</b>: { $name }, { $at }. The letter with the new one is on its way; all chats are logged out.
desk-reset-before = The password of this card was reset before.
desk-reset-usage = Write the address: /reset anna@example.ru
desk-reset-none = There is no account with this address. Check it: /find address
desk-error = It did not work: something is wrong on our side, and it is in the log. Try again in a minute.
desk-erased = This message was cleared: the consumer deleted the account. The same command shows the list again.
desk-page-lost = The command answered by this message was deleted. Repeat it.
desk-no-card = There is no card of this request in the group.
desk-here = ⬆️ The card of the request
desk-line =
    { $mark } <b>№ { $number }</b> · { $type }
    { $status } · { $name } · by { $due }{ $late ->
        [true] { " " }⚠️
       *[false] { "" }
    }
desk-find = <b>Found</b> · page { $page }
desk-find-none = Nothing found. Search by request number, email, phone or meter number.
desk-find-no-requests = No requests.
desk-find-readings = <b>Last readings, kWh</b>
desk-find-reading = № { $meter } · { $date } · { $values }
desk-find-usage = What to look for? For example: /find 2026-000123, /find anna@example.ru, /find +7 912 345-67-89
desk-my = <b>Your requests</b> · page { $page }
desk-my-none = You have taken no request that is still open.
desk-overdue = <b>Overdue</b> · page { $page }
desk-overdue-none = No request is overdue.
desk-overdue-notice = ⚠️ <b>Overdue: { $count }</b>
desk-soon-notice = ⏰ <b>Due soon: { $count }</b>
desk-digest = <b>Digest of { $date }</b>
desk-stats = <b>Figures</b>
desk-stats-open = Open: { $total }, of these overdue: { $overdue }
desk-stats-line = • { $type }: { $total } (up to 3 days: { $first }, 4–10: { $second }, longer: { $third })
desk-stats-closed = Closed in { $days } days: { $closed }. Median hours to an answer: { $hours }. Late: { $late }
desk-chart = Open requests by age
desk-chart-unit = requests
desk-age-0 = up to 3 days
desk-age-1 = 4–10 days
desk-age-2 = more than 10 days
desk-export-usage = Write the dates with points. For example: /export 01.11.2026 30.11.2026 or /export readings 01.11.2026 30.11.2026
desk-export-begun = The file is being made and will come here.
desk-export-sheet = Requests
desk-export-requests = Requests from { $first } to { $last }
desk-export-readings = Readings from { $first } to { $last }
desk-column-number = Number
desk-column-type = Type
desk-column-status = Status
desk-column-name = Consumer
desk-column-email = Email
desk-column-phone = Phone
desk-column-registered = Registered
desk-column-due = Answer by
desk-column-closed = Closed
desk-column-rating = Rating
desk-column-text = Text
staff-help =
    Consumers' requests come here: a card, with its scans below it. Buttons change the status. A reply to the card or to a consumer's message goes to the consumer; everything else stays among you.

    /find – by number, email, phone or meter
    /my – requests you took
    /overdue – overdue ones
    /stats – figures
    /export – requests or readings of a period, XLSX
    /reset address – a new password for a consumer

## Letters

letter-greeting = Hello, { $name }!
letter-greeting-neutral = Hello!
letter-farewell =
    Yours sincerely,
    { $company }

    Support: { $phone }, { $support }. Please do not reply to this letter.
letter-password-subject = Password of your personal account. { $company }
letter-password =
    { $greeting }

    A consumer's personal account was opened for you. Your login is this email address ({ $email }), your password:

        { $password }

    Log in to the bot and replace the password with your own: “Profile” → “Change password”. If you do not log in with this password within 72 hours, it stops working; then press “Forgot your password?” in the bot.

    If it was not you who signed up, do nothing and tell support.
letter-taken-subject = Somebody signed up with your address. { $company }
letter-taken =
    { $greeting }

    Somebody, maybe you, tried to open a personal account for { $email }. You already have an account with this address; no new one was opened and your password has not changed.

    If you forgot your password, press “Forgot your password?” in the bot. If it was not you, there is nothing to do.
letter-status-subject = Request № { $number }: { $status }. { $company }
letter-status =
    { $greeting }

    The status of your request has changed.

    Number: { $number }
    { $type }
    Status: { $status }
    Date and time: { $at }

    { $words }

    You can answer and see the request in the bot: “Requests”.
letter-status-answered = We have your answer, and the review goes on. Expect our answer by { $due }.
letter-status-annulled = The clarification was not answered in time, so the request is annulled. You can correct it and file it again: the answers are kept.
letter-clarification-reminder-subject = Request № { $number }: please answer by { $answer_by }. { $company }
letter-clarification-reminder =
    { $greeting }

    We are waiting for your answer about request № { $number }. Answer by { $answer_by }, or the request will be annulled.

    { $type }

    The specialist asks:
    { $question }

    You can answer in the bot: “Requests” → the request → “Add something”.
letter-message-subject = A message about request № { $number }. { $company }
letter-message =
    { $greeting }

    Our specialist wrote to you about request № { $number }.

    { $text }

    Files, if there were any, are attached to this letter. To answer, open the bot and the request in it.
letter-reset-subject = A new password for your account. { $company }
letter-reset =
    { $greeting }

    As you asked, the password of your account was reset. Your login is { $email }, the new password:

        { $password }

    Log in to the bot and replace it by your own: “Profile” → “Change password”. All chats are logged out. If you do not log in with this password within 72 hours, it stops working; then press “Forgot your password?” in the bot.

    If you did not ask for this, tell our support at once.
letter-code-password-reset-subject = Code for a new password. { $company }
letter-code-password-reset =
    { $greeting }

    The code to choose a new password for your account:

        { $code }

    Enter it in the bot. It is valid until { $until }. Do not tell it to anybody: our staff never ask for it.

    If you did not ask for a code, do nothing: without it the password cannot be changed.
letter-code-login-subject = Code to log in to your account. { $company }
letter-code-login =
    { $greeting }

    The code to log in to your account from a new chat:

        { $code }

    Enter it in the bot. It is valid until { $until }. Do not tell it to anybody: our staff never ask for it.

    If it was not you, somebody else knows your password: change it in the bot at once, “Profile” → “Change password” or “Forgot your password?”.
letter-new-chat-subject = Login to your account from a new chat. { $company }
letter-new-chat =
    { $greeting }

    At { $at } somebody logged in to your account from a Telegram account that was not used before. Its number: { $chat }.

    If it was you, do nothing. If not, open the bot: “Profile” → “Where I am logged in” → “Log out there”, then change the password.
letter-password-changed-subject = The password of your account was changed. { $company }
letter-password-changed =
    { $greeting }

    At { $at } the password of your account was changed. All other chats are logged out.

    If it was not you, press “Forgot your password?” in the bot, choose a new one and tell our support.
letter-failed-logins-subject = Wrong passwords for your account. { $company }
letter-failed-logins =
    { $greeting }

    A wrong password for your account was entered several times in a row, the last time at { $at }. The account is not blocked: in the chats you have used everything works as usual. A login from a new chat needs a code besides the password; it is sent to this address.

    If it was you and you forgot the password, press “Forgot your password?” in the bot. If not, make sure that the password is strong and not used anywhere else.
letter-registered-subject = Request № { $number } is registered. { $company }
letter-registered =
    { $greeting }

    Your request is registered.

    Number: { $number }
    { $type }
    Date and time: { $registered }
    Expect an answer by { $due }.
    { $scans ->
        [0] No scans attached.
        [one] { $scans } file attached.
       *[other] { $scans } files attached.
    }

    Description:
    { $text }

    The status of the request is always shown in the bot: “Requests”.

## Forms

step = Step { $number } of { $total }
for-example = For example:
skipped = not given
files-unchecked = The virus check is out of reach now. The files are kept, and the staff get them after the check.
files = Files received: { $count }
form-request-scans-label = Scans
form-files =
    <b>Attach scans of the documents</b>
    { $papers }

    PDF, JPEG, PNG, TIFF or HEIC, up to 20 MB each, up to 10 files. As files or photos, albums are fine. { $hint }
form-files-optional = The request will be reviewed without them too.
form-paper = • { $name }{ $required ->
        [true] { " " }– mandatory
       *[false] { "" }
    }
button-sign = Sign and attach
button-signed = Signed already
button-unsigned = Without an application
button-power_of_attorney = Blank power of attorney
application-ready = 📄 <b>The application is ready</b>: it is in the file above, made of your answers. It is in Russian, as the law requires. Sign it and send it here.
application-outdated = 📄 An answer has changed, so <b>the former application no longer fits</b>. The new one is in the file above: please sign that. If you attached a scan of the former one, remove it.
application-unavailable = The PDF could not be made. The request can be sent without it: your answers are kept.
application-sign =
    1. Print the file and sign it, or sign right on the screen.
    2. Take a photo of what you signed and send it here with the other papers.
application-signed = Send a photo or scan of the signed application, then the other papers.
application-unsigned = All right, the request can be sent without an application. Attach other papers or press “Skip”.
application-blank = The blank power of attorney is in the file above, in Russian. Fill it in and sign it, then send a photo or scan.
form-edit = Which answer should be changed?
form-changed = The form was updated while you were filling it in. Your answers are kept where the questions are the same.
form-unfinished =
    You have not finished the form <b>“{ $form }”</b>; its answers are kept.

    Go on with it, or start again: its answers will then be deleted.
form-cancelled =
    <b>Delete the draft?</b>
    The form “{ $form }” was not sent. You can also go on with it later: it waits in the menu.
form-expired =
    This form was begun too long ago and is no longer valid. Nothing was sent.

    Please start again.

review-registration = Check your data. The password will come to this email.
review-request = Check the request before sending it.
review-reading = Check the readings and the use.
review-askue = The identifier and the password are taken and written down nowhere. Get the data?
review-password = The new password is accepted. Save it?
review-reset = The new password is accepted. Save it and log in?

form-registration = Registration
form-registration-category = <b>Who are you?</b>
    Sole proprietors (ИП) choose “Legal entity”.
form-registration-category-label = Category
form-registration-full_name = <b>Full name</b>
form-registration-full_name-label = Full name
form-registration-full_name-example = Anna Ivanova
form-registration-organisation = <b>Name of the organisation</b>
form-registration-organisation-label = Organisation
form-registration-organisation-example = Romashka LLC
form-registration-email = <b>Email</b>
    It will be your login; the password and letters about requests come to it.
form-registration-email-label = Email
form-registration-email-example = anna@example.ru
form-registration-phone = <b>Phone</b>
    Type the number or share yours by the button below.
form-registration-phone-label = Phone
form-registration-phone-example = +7 912 345-67-89
form-registration-consent-label = Consent to personal-data processing
choice-registration-category-individual = Individual
choice-registration-category-legal = Legal entity
choice-registration-consent-agree = I agree
choice-registration-consent-disagree = I do not agree

form-reading = Enter a reading
form-reading-kind = <b>What kind of meter do you have?</b>
    The tariff is named in your contract and your bill.
form-reading-kind-label = Meter
choice-reading-kind-single = One tariff
choice-reading-kind-double = Two tariffs
choice-reading-kind-triple = Three tariffs
form-reading-meter = <b>Meter number</b>
    It is on the front, next to the barcode: 4 to 20 letters and digits.
form-reading-meter-label = Meter number
form-reading-meter-example = 0812-094521
form-reading-single_t1 = <b>What the meter shows, kWh</b>
    The digits of the display, decimals welcome.
form-reading-single_t1-label = Reading
form-reading-single_t1-example = 12345.6
form-reading-double_t1 = <b>T1, day: what the meter shows, kWh</b>
    The day zone, usually from 7:00 to 23:00. The display says T1.
form-reading-double_t1-label = T1, day
form-reading-double_t1-example = 8120.5
form-reading-double_t2 = <b>T2, night: what the meter shows, kWh</b>
    The night zone, usually from 23:00 to 7:00. The display says T2.
form-reading-double_t2-label = T2, night
form-reading-double_t2-example = 4225.1
form-reading-triple_t1 = <b>T1, peak: what the meter shows, kWh</b>
    The hours of the highest load, usually 7:00 to 10:00 and 17:00 to 21:00. The display says T1.
form-reading-triple_t1-label = T1, peak
form-reading-triple_t1-example = 3120.5
form-reading-triple_t2 = <b>T2, night: what the meter shows, kWh</b>
    The night zone, usually from 23:00 to 7:00. The display says T2.
form-reading-triple_t2-label = T2, night
form-reading-triple_t2-example = 4225.1
form-reading-triple_t3 = <b>T3, half-peak: what the meter shows, kWh</b>
    The other hours: usually 10:00 to 17:00 and 21:00 to 23:00. The display says T3.
form-reading-triple_t3-label = T3, half-peak
form-reading-triple_t3-example = 5000

form-period = Readings of a period
form-period-first = <b>From which day?</b>
form-period-first-label = First day
form-period-first-example = 01.01.2026
form-period-last = <b>Up to which day?</b>
form-period-last-label = Last day
form-period-last-example = 31.10.2026
form-place = Where the meter is
form-place-place = <b>Where is this meter?</b>
    It makes it easier to tell from others.
form-place-place-label = Place
form-place-place-example = Cottage, by the entrance

form-askue = ASKUE
form-askue-identifier = <b>Your identifier in ASKUE</b>
    The company gives it out with the password.
form-askue-identifier-label = Identifier
form-askue-identifier-example = 1234567
form-askue-password = <b>Your password in ASKUE</b>
    The message with it will be deleted at once. It is needed for one call, we do not keep it.
form-askue-password-label = Password
form-askue-password-example = r7Nq4vKd2sXw8m

form-login = Login
form-login-email = <b>Email</b> you signed up with
form-login-email-example = anna@example.ru
form-login-password = <b>Password</b>
    Your message with the password will be deleted at once.
form-login-password-example = r7Nq4vKd2sXw8m
form-login-code = <b>Code from the letter</b>
    Many wrong passwords were entered for this account. So that no stranger enters it, type the code from the letter that was sent to your email. The code is valid for 15 minutes.
form-login-code-example = 402917

form-reset = New password
form-reset-email = <b>Email</b> of your account
form-reset-email-example = anna@example.ru
form-reset-email-label = Email
form-reset-code = <b>Code from the letter</b>
    If there is an account with this address, a letter with a code was sent to it. The code is valid for 15 minutes. Look into your spam folder too.
form-reset-code-example = 402917
form-reset-new = <b>New password</b>
    At least 6 characters. Best of all, a phrase that only you will remember.
form-reset-new-example = blue kettle by the window
form-reset-repeat = <b>The new password again</b>
form-reset-repeat-example = blue kettle by the window

form-deletion = Deleting the account
form-deletion-password = <b>Password</b>
    Enter the password of the account to delete it. The message will be deleted at once.
form-deletion-password-example = r7Nq4vKd2sXw8m
form-password = Change of password
form-password-old = <b>Present password</b>
    The message will be deleted at once.
form-password-old-example = r7Nq4vKd2sXw8m
form-password-new = <b>New password</b>
    At least 6 characters. A phrase that only you remember easily is best.
form-password-new-example = blue kettle by the window
form-password-repeat = <b>The new password again</b>
form-password-repeat-example = blue kettle by the window

## Errors: what is wrong and how to mend it

error-blank-words = The answer is empty. Type it in words, as in the example.
error-blank-choice = The answer is empty. Choose one of the options by its button.
error-blank-files = The answer is empty. Attach a file or press “Skip”.
error-wrong-kind-words = Answer this question in text, as in the example.
error-wrong-kind-choice = Answer this question by a button below.
error-wrong-kind-files = Files are needed here: a PDF or a photo. Attach them or press a button below.
error-files-expected = Files are needed here, not text. Attach a PDF or a photo, or press a button below.
error-choose = Choose one of the options by a button below.
error-unknown-command = There is no such command. Answer the question or press /cancel to go back to the menu.
error-edited = Your correction of an earlier message was not taken. Go back to the question by “Back”, or change the answer at the end by “Change”.
error-no-words = There are no letters or digits in the answer. Type it in words, as in the example.
error-too-long = Too long: { $length } characters, and at most { $limit } are allowed. Shorten it and send it again.
error-too-short = Too short: { $length } characters, and at least { $limit } are needed. Write a bit more.
error-pattern = The answer is not in the right form. Compare it with the example and send it again.
error-name = Type first and last name in letters, at least two words.
error-name-sign = The sign “{ $sign }” does not belong in a name. Take it out and send the name again.
error-organisation = This is the kind of organisation without its name. Type the name too: Romashka LLC.
error-phone = There is no such phone number. Type a Russian number with its code, 10 digits after +7.
error-contact-of-another = This is somebody else's contact. Share your own number by the button or type it.
error-email = This does not look like an email address. Check that it has an @, a dot after it and no spaces.
error-email-mixed = The address mixes letters of different alphabets, so no letter can reach it: { $letters }. Type it again, all in Latin letters.
error-email-not-ascii = Our mail server cannot write to addresses with other than Latin letters before the @. Give another address in Latin letters.
error-email-slip = Did you mean { $meant }? Choose the address by a button or type it again.
error-email-too-long = The address is too long: { $length } characters, and at most { $limit } are possible. Check it.
error-date = I could not read the date. Type it in digits, as in the example, or as a word: “yesterday”, “today”, “tomorrow”.
error-date-too-early = The date is too early. Give { $earliest } or later.
error-date-too-late = The date is too late. Give { $latest } or earlier.
error-number = A number is needed, digits only. Use a point for decimals.
error-number-unit =
    { $unit ->
        [kW] The answer is in kilowatts. Convert it and send the number; “kW” may follow.
       *[pcs] The answer is a count. Send only the number.
    }
error-number-decimals = Too many decimals: at most { $limit } are allowed.
error-number-too-small = The number is too small: it must be at least { $limit }.
error-number-too-large = The number is too large: it must be at most { $limit }.
error-meter = A meter number has only letters, digits and hyphens. Check it and send it again.
error-meter-length = The number has { $length } characters, but it should have { $shortest } to { $longest }. Check it and send it again.
error-reading-number = Send one number from the display: digits only, decimals after a comma or a point.
error-reading-negative = A reading is never below zero. Send the number without the minus sign.
error-reading-two-numbers = There is more than one number, or a strange sign between the digits. Send one number, decimals after a comma or a point.
error-reading-digits = Too many digits before the decimal sign: the meter has at most { $limit }. Was the decimal sign lost?
error-reading-lower = This is lower than the last reading: { $previous } of { $date }. Check the display and send the number again. If the meter was replaced or passed through zero, press the button below the question.
error-reading-kind =
    So far this meter had { $was ->
        [single] one tariff
        [double] two tariffs
        [triple] three tariffs
       *[other] another number of tariffs
    }. If this is a mistake, go back and choose the former kind. If the meter was replaced or set anew, press the button below the question.
error-reading-jump = { $used } kWh in days: { $days }, while usually it is about { $usual }. Last reading: { $previous }. Was the decimal sign lost? Send the number again, or press “It is correct” below the question.
error-period-backwards = The last day is before the first one. Send a later day, or go back and change the first one.
error-inn-length = An INN has { $wanted } digits and no other characters. Check it and send it again.
error-inn-checksum = There is no such INN: its control digit is wrong. Look for a typing error and send it again.
error-ogrn-length = This number has { $wanted } digits and no other characters. Check it and send it again.
error-ogrn-checksum = There is no such number: its control digit is wrong. Look for a typing error and send it again.
error-snils-length = A SNILS has { $wanted } digits. Check it and send it again, or press “Skip”.
error-snils-checksum = There is no such SNILS: its control digits are wrong. Look for a typing error, or press “Skip”.
error-location = Send the place by 📎 → “Location”, or type latitude and longitude with a comma between them.
error-not-optional = This question needs an answer and cannot be skipped.
error-edit-unknown = There is no such answer in the form. Choose another one.
error-review-open = All answers are given. Send the form or change an answer by a button.
error-files-none = There are no files yet. Attach at least one or press “Skip”.
error-file-empty = The file “{ $name }” is empty. Check it and attach it again. The other files are kept.
error-file-not-fetched = Telegram did not hand this file over. Send it once more.
error-file-too-big = The file “{ $name }” is larger than { $limit } MB. Make it smaller or split it. The other files are kept.
error-file-type = The file “{ $name }” cannot be taken: a PDF, JPEG, PNG, TIFF or HEIC is needed. The other files are kept.
error-file-damaged = The file “{ $name }” was not taken: it does not open. Open it on your device, save or scan it again, and attach it once more. The other files are kept.
error-file-locked = The file “{ $name }” was not taken: it is locked with a password. Save it without a password and attach it again. The other files are kept.
error-file-hides-another = The file “{ $name }” was not taken: a file of another kind is hidden in it. Print the document to PDF again or take a photo of it. The other files are kept.
error-file-runs-code = The file “{ $name }” was not taken: there is a script or a macro in it. Print the document to PDF again (“Print” → “Save as PDF”) or take a photo of it. The other files are kept.
error-file-unfolds = The file “{ $name }” was not taken: opened, it would need too much memory. Scan it at a lower resolution or take a photo. The other files are kept.
error-file-too-complex = The file “{ $name }” was not taken: it is built in so complex a way that it could not be checked. Print the document to PDF again (“Print” → “Save as PDF”) or take a photo of it. The other files are kept.
error-file-infected = The file “{ $name }” was not taken: the virus scanner found a threat in it. Check your device and attach another file. The other files are kept.
error-files-too-many = No more than { $limit } files can be attached, the last one was not taken. Remove one or join the pages in one PDF.
error-password-too-short = The password is too short: at least { $limit } characters are needed.
error-passwords-differ = The passwords differ. Repeat the new password, or go a step back and choose it anew.
error-password-common = This password is one of the commonest and is guessed within a minute. Choose another one, best a phrase.
error-password-is-email = The password is your email and easily guessed. Choose another one, best a phrase.
error-password-is-old = This is your former password. Choose another one.
error-password-expired = The password from the letter was not used for 72 hours and no longer works. Press “Forgot your password?”: the code for a new one comes to your email.
error-code-format = The code is six digits from the letter. Send only them.
error-code-refused = The code does not fit. Check the digits in the latest letter and send them again. Tries left: { $left }.
error-code-expired = The code is no longer valid. Go to the question about the email with “Back” or “Change” and answer again: a new code will come.
error-old-password = The present password does not fit. Check keyboard layout and case and send it again.
error-login-refused = The email or the password does not fit. Check keyboard layout and case and send the password again, or go a step back to the email.
error-login-delayed = Too many wrong passwords in a row. The next try is possible in { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }. Forgot your password? Press the button below.
error-session-over = Your session is over. Log in again: /menu

## Limits

limit-messages = Too many messages in a row: the bot cannot keep up. It will answer again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-registrations = Too many registrations from this chat. The next one is possible in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-resets = Too many requests for a new password from this chat. The next one is possible in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-files = Too many files in a row: this one was not taken, the others are kept. Send it again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-requests = Too many requests in a row from your account. This one was not sent, its draft is kept. Send it in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-staff_messages = Too many messages to the staff in a row: this one was not sent. Repeat it in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-stored_megabytes = Too much data in files for one day: this file was not taken, the others are kept. Send it again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-documents = Too many PDF files in a row. The next one is possible in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-askue = Too many requests to the metering system in a row. The next one is possible in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.

# Application, power of attorney and receipt as PDF.

document-page = Page
document-of = of
document-field = Particular
document-value = Answer
document-details = Details of the request
document-text = Description
document-attachments = Attachments
document-confirmation = I confirm that these particulars are true.
document-date = date
document-signature = signature
document-name = full name
document-files = Attached files
document-no-files = No files are attached.
document-file = File and its checksum
document-file-size = Size
document-megabytes = { $size } MB
document-inn = INN { $inn }
document-to = To
document-from = From
document-quoted = “{ $words }”
document-code = QR code with the text { $words }
document-application-number = Draft no. { $number }
document-application-file = Application { $number }
document-power-of-attorney = Power of attorney
document-receipt = Receipt for request no. { $number }
document-receipt-file = Receipt { $number }
document-receipt-number = Number
document-receipt-registered = Registered on
document-receipt-type = Kind of request
document-receipt-due = Answer due by
document-receipt-applicant = Applicant
document-receipt-contacts = Phone and email
document-receipt-application = Draft number of the application
document-receipt-closing = This receipt was made automatically when the request was registered; it is valid without a signature. Questions: { $phone }, { $email }.
