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
command-staff-stats = Statistics
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
button-to-requests = Back to requests
button-reading = Enter readings
button-upload = XLSX file
button-upload-template = Template
button-askue = ASKUE
button-submit-askue = Get the data
button-askue-waiting = ⏳ Getting the data…
button-askue-anew = Get the data again
button-meters = Earlier readings
button-png = Chart
button-xlsx = Excel
button-pdf = PDF
button-act = Statement of readings
button-period = Period
button-whole = All time
button-place = Where the meter is
button-meter = Meter
button-photos = Photo of the display
button-other-meter = Another meter
button-enter-reading = Enter a reading
button-ratio = Transformer ratio
button-object-dwelling = This is a home
button-object-other = This is not a home
button-hide-meter = Hide the meter
button-unhide-meter = Show the meter again
button-hidden-meters = Hidden meters
button-layout = Table layout
button-seen = I can see the table
button-unseen = It’s blank
button-reminders-off = Stop reading reminders
button-reminders-on = Remind me about readings
button-history = Meter history
button-to-readings = Back to readings
way-replaced = Meter replaced
way-rollover = Meter rolled over
way-confirmed = It’s correct
way-kept = Leave it as it is
way-amends = The previous reading was wrong
button-password-again = Send it again
button-correct-email = Correct the email
button-reading-visit = Request a meter reading
button-contact = Edit my details
button-contact-name =
    { $category ->
        [legal] Name of the organisation
       *[individual] Name
    }
button-contact-phone = Phone
button-contact-email = Email
button-password = Change password
button-answer-channel = How to get answers
button-submit-now = 🚨 Send now
button-sessions = Where I am logged in
button-end-session = Log out there: { $number }. { $name }
button-my-data = My data
button-deletion = Delete account
button-deletion-on = Continue deleting
button-language = Language
button-menu = Menu
button-resume = Continue filling in
button-resume-form = Continue: { $form }
button-discard = Delete the draft
button-keep = Continue
button-again = Start over
button-later = Later
button-no-letter = The email hasn’t arrived
button-enter-code = Enter the code
button-copy-number = Copy the number
button-supplement = Add information
button-withdraw = Withdraw
button-withdraw-yes = Withdraw the request
button-dispute = I disagree
button-dispute-yes = Reopen the request
button-copy = Submit again
button-reply = Reply
button-request = { $status } · { $type } · No. { $number }
button-files = Files
button-open-request = Open the request
button-share-phone = Share my number
button-day =
    { $when ->
        [yesterday] Yesterday, { $day }
        [today] Today, { $day }
        [tomorrow] Tomorrow, { $day }
       *[other] { $weekday }, { $day }
    }
button-remove = Remove a file…
button-back = Back
button-cancel = Cancel
button-skip = Skip
button-done = Done
button-edit = Edit
button-submit-registration = Sign up
button-submit-request = Send
button-submit-password = Save
button-submit-reset = Save
button-submit-reading = Submit
button-submit-upload = Submit

## Menus

menu-guest =
    <b>Consumer’s personal account</b>

    Submit requests to the grid company here, follow their progress, send meter readings and view ASKUE data.

    Log in or sign up: it takes two minutes.
menu-consumer =
    <b>Consumer’s personal account</b>
    { $name }

    Choose a section.
nothing-here =
    I’m not expecting a message right now. Choose what to do.
message-unreadable = This message could not be read and has not been taken into account. Send it again as plain text, a photo or a file. If that doesn’t help, open the menu: /menu
session-over =
    You are not logged in, or your session has ended.

    Log in with your email and password.
help =
    <b>Help</b>

    The bot of { $company } accepts requests and meter readings, stores them and keeps you informed about their progress.

    • New here: “Sign up”; the password comes by email.
    • A request: “Requests” → “New request”. Its number and the answer date come here and by email.
    • Meter readings: “Readings” → “Enter a reading”. Earlier readings and a chart are there too.
    • Automatic metering: “Readings” → “ASKUE”, with the identifier and password from the company.
    • A question about a request: reply to a notice about it, or just write here.
    • A wrong answer: “Back”, or “Edit” before sending.

    /menu – menu, /cancel – cancel what you have started, /language – language.

    Support: { $phone }, { $email }
language-choose = На каком языке вам удобнее? / Which language do you prefer?
language-name = English
reply-keyboard-gone = Got it.
internal-error =
    That didn’t work: something is wrong on our side, and we already know about it. Your answers are saved.

    Try again in a minute or open the menu: /menu
update-failed =
    That didn’t work: something is wrong on our side, and we already know about it. Your answers are saved.

    Open the menu (/menu) and repeat your last step.
update-took-too-long =
    That took too long, so we stopped your last step. Your answers are saved.

    Open the menu (/menu) and repeat it. If it fails again, call us: the number is in /help.
update-words-lost =
    The bot restarted before it could read your message. We deleted it so that no password or code stays in the chat.

    Write it again. If there is no question on the screen, open the menu: /menu
update-overflow =
    Too many messages at once: some of the latest ones were not accepted.

    Wait for the answers to the earlier ones, then send the latest messages again.
outdated = This screen is out of date. The current one is below.
secret-not-deleted = Telegram did not let me delete your message with the password. Delete it yourself so that nobody sees it.
file-unnamed = file
numbered = No. { $number }
photo = Photo

## Readings

readings =
    <b>Readings</b>

    Submit your meter readings or look at earlier ones. To have a specialist read the meter on site, submit a request. Questions about meters: { $phone }.
kwh = kWh
kvarh = kvarh
reading-reminder =
    <b>No readings for { $month } yet</b>

    { $meters }

    { $window } After that day they count towards the next month.

    Press the meter and send the number on the display.
reading-reminder-more =
    and { $count ->
        [one] { $count } more meter
       *[other] { $count } more meters
    }
reading-window = For { $month }: read the meter on { $days }, submit the readings by the end of { $due }.
reading-month = The readings count towards { $month }.
reading-entry =
    <b>Enter meter readings</b>

    Choose a meter. If it is not here, press “Another meter”.
meters =
    { $count ->
        [0]
            <b>No readings yet</b>

            Press “Enter readings” to submit the first ones.
       *[other]
            <b>Earlier readings</b>

            Choose a meter.
    }
meters-hidden =
    <b>Hidden meters</b>

    The bot does not offer them or remind you about them. Open a meter to show it again.
meter-object-dwelling = The meter is in a home: a house or a flat.
meter-object-other = The meter is not in a home.
meter-ratio = Transformer ratio: { $ratio }
meter-hidden = The meter is hidden: the bot does not offer it or remind you about it. Its readings are kept.
history =
    <b>{ $meter }</b>
    { $period }{ $pages ->
        [1] { "" }
       *[other] { " " }· page { $page } of { $pages }
    }
history-whole = all time
history-none = There are no readings for this period. Choose another one.
history-line = { $date }. { $values }. Consumption: { $used }. Source: { $source }. Notes: { $marks }.
used-unknown = unknown
marks-none = none
table-date = Date
table-used = Consumption
table-source = Source
table-marks = Notes
table-notes = Source, notes
sheet-readings = Readings
chart-title = Consumption by month, kWh
chart-total = Total consumption: { $value } kWh
chart-month = { $month }: { $value } kWh
source-bot = account
source-file = file
mark-replaced = replaced
mark-rollover = rolled over
mark-confirmed = confirmed
mark-amends = previous one was wrong
mark-mistaken = wrong
mark-late = after deadline
mark-corrected = corrected
askue-not-connected =
    <b>ASKUE</b>

    Remote access to meters is not connected yet. You can submit readings yourself: “Enter readings”.
askue-waiting =
    <b>ASKUE</b>

    Requesting the readings. It usually takes seconds; you can keep using the bot.
askue-patience = The system is still working on it. The data will appear here on its own.
askue-cancelled = The request has been cancelled. No data received.
askue-credentials-gone = The identifier and password are kept for a few minutes only and have been forgotten. Enter them again.
askue-forgotten = This data is no longer stored. Get it again.
askue-failed-refused = Wrong identifier or password. Check the keyboard layout and capital letters and enter them again. If that doesn’t help, contact the company.
askue-failed-busy = ASKUE is asking us to wait: too many requests. Try again in a few minutes.
askue-failed-down = ASKUE is not available right now. Try later, or submit readings yourself: “Enter readings”.
askue-failed-slow = ASKUE did not answer in time. Try later, or submit readings yourself: “Enter readings”.
askue-failed-strange = We could not read any data in the answer from ASKUE. Try later; if it happens again, tell support.
askue-table =
    <b>ASKUE</b> · { $count ->
        [one] { $count } meter
       *[other] { $count } meters
    }{ $pages ->
        [1] { "" }
       *[other] { " " }· page { $page } of { $pages }
    }
    Active energy in { $active }, reactive in { $reactive }
askue-object = Object
askue-meter = Meter
askue-active-import = Active (import)
askue-active-export = Active (export)
askue-reactive-import = Reactive (import)
askue-reactive-export = Reactive (export)
askue-received = Date and time
askue-day = Energy for { $day }
askue-gaps =
    { $count ->
        [one] { $count } half-hour without reliable data is not in the total
       *[other] { $count } half-hours without reliable data are not in the total
    }
askue-stale = The data is out of date
askue-doubtful = Some values came with errors and are not shown
layouts =
    <b>Table layout</b>

    • Columns: neatly aligned, shown everywhere.
    • Lines: sentences that suit screen readers.
    • Telegram’s table: nicer, but some versions of Telegram show a blank space instead. You will see a sample first.
layout-text = Columns
layout-lines = Lines
layout-rich = Telegram’s table
layout-sample = Sample: there should be a table below this line.
reading-before = Previous reading: <b>{ $value } kWh</b> on { $date }
reading-today = Already entered today: <b>{ $value }</b>. The new reading will replace it.
reading-photo = You can also send a photo of the display here.
reading-last = <b>Previous readings</b> on { $date }
reading-used = Consumption: <b>{ $value } kWh</b>
reading-ratio = Multiplied by the transformer ratio: { $ratio }
reading-no-difference = Consumption cannot be calculated yet: there is nothing to compare with.
reading-corrects = <b>Readings have already been entered today.</b> The new ones will replace them; these stay in the history
reading-replaced = <b>Replaced readings</b> entered earlier on the same day
reading-late = The deadline has passed. The readings will be accepted with the note “after deadline” and count towards { $month }.
reading-submitted =
    Readings accepted: <b>No. { $number }</b>, { $time }
    { $meter }
reading-mark-replaced = Note: the meter was replaced.
reading-mark-rollover = Note: the meter rolled over.
reading-mark-confirmed = Note: high consumption confirmed.
reading-mark-amends = Note: the previous reading was wrong.
reading-mark-mistaken = Note: the reading was wrong.
reading-mark-late = Note: after deadline.
reading-mark-corrected = Note: corrected, a newer reading of this day is in force.

## Login and registration

consent =
    Consent to the processing of personal data (version { $version })

    I give the personal data operator ({ $company }, INN { $inn }, { $address }) my consent to process my personal data: my name or the name of my organisation, email address, phone number, Telegram ID, addresses, INN, OGRN and SNILS if I provide them, meter readings, and the information and documents in my requests and messages.

    Actions: collection, recording, storage, correction, use and deletion, by automated means and without them. Channel: the Telegram messenger, which carries my messages and files and the answers to them.

    Purpose: keeping my personal account, reviewing my requests and answering them. The consent is valid as long as the account exists. It can be withdrawn at any time: “Profile” → “Delete account”, or by writing to { $email } or to the operator’s address.

    Personal data policy: { $policy }
consent-needed = Without your consent to the processing of personal data, a personal account cannot be opened.
consent-refused =
    Without your consent to the processing of personal data, a personal account cannot be opened. Nothing about you has been saved.

    You can submit a request without an account: { $phone }, { $email }.
registered =
    Done. We are sending an email with your password to <b>{ $email }</b>.

    Log in with this email address and the password. If the email isn’t there in five minutes, check your spam folder.
registered-again =
    We are sending the email with your password to <b>{ $email }</b> again. The password from the earlier one no longer works.

    No email in five minutes? Check your spam folder and the address: you can correct it with the button.
registration-kept = Your earlier answers are saved. Type the correct email address.
suggest-password =
    You are logged in: { $name }

    The password from the email is temporary. We suggest replacing it with your own now.
reset-asked =
    We have passed this on to support. If there is an account with the email { $email }, a new password will be sent to it.

    Check the address and your spam folder. If the code arrives after all, enter it: it is valid for 15 minutes.
password-saved = Your new password is saved, and you are logged in. All other chats have been logged out.
logged-out = You have logged out of your personal account.
logged-out-elsewhere = The password of your account has been changed, so you were logged out here. If it wasn’t you, contact support at once. Log in again: /menu
logged-out-by-owner = The owner of the account has logged this chat out. Log in again: /menu

## Profile

profile =
    <b>Profile</b>

    { $category }
    { $name }
    Email: { $email }
    Phone: { $phone }
    Account opened { $since }
    Answers: { $channel }
contact-asked =
    <b>What would you like to change?</b>

    Your name and phone change at once, a new email after a code sent to it. Our specialists see the new details in all open requests.
contact-changed = ✅ Your details have been changed.
sessions =
    <b>Where I am logged in</b>

    If you don’t recognise one of these logins, press “Log out there” and change your password at once.
session =
    { $number }. { $where ->
        [here] <b>{ $name }</b> (this chat)
       *[elsewhere] <b>{ $name }</b>
    }
    Logged in: { $since }
    Last message: { $seen }
session-browser =
    { $number }. <b>{ $name }</b>, on the site
    Logged in: { $since }
    Last page: { $seen }
password-changed =
    Your password has been changed. Other chats have been logged out.

## My data

my-data = My data
my-data-category = Category
my-data-name = Name
my-data-email = Email
my-data-phone = Phone
my-data-former-name = Previous name
my-data-former-email = Previous email
my-data-former-phone = Previous phone
my-data-language = Language
my-data-since = Account opened
my-data-answers = How to get answers
my-data-telegram = Telegram chat ID
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
my-data-audit = Who has accessed the data
my-data-by-consumer = you
my-data-by-staff = specialist
my-data-by-system = automatically
my-data-action-find = search results listed
my-data-action-my = list of assigned requests
my-data-action-overdue = list of overdue requests
my-data-action-show = card opened
my-data-action-photos = photos of the meter opened
my-data-action-wrote = message sent to you
my-data-action-reset = password reset
my-data-action-contact = name, phone or email changed
my-data-action-export = this data requested
my-data-action-rated = answer rated

## Requests

scan-infected =
    The file “{ $name }” for request No. { $number } was not passed on to our specialists: the virus scanner found a threat in it, and the file has been deleted. The request itself is being reviewed.

    Check your device. If the file is needed, send another one: “Requests” → the request → “Add information”.
card-scan-infected = The scan “{ $name }” was not passed on: the virus scanner found a threat in it. The file has been deleted, and the consumer has been told.
export-ordered =
    We are putting together an archive with everything we store about you, and your scans. It will come here as a document.

    You can get it once an hour. Keep it as safe as your passport.
export-caption = Your data: “My data.html” for reading, data.json for programs, and the scans folder. Any archive program opens it.
deletion =
    <b>Deleting the account</b>

    You are closing your personal account and withdrawing your consent to the processing of personal data. Your name, email, phone, password, scans, readings, messages and drafts are deleted at once and for good. Open requests are withdrawn.

    The numbers, dates and statuses of requests are kept without your name and text for as long as the law requires.

    You can take a copy first: “Profile” → “My data”.
deleted =
    Your account has been deleted and your consent withdrawn. Other chats have been logged out.

    You can sign up again at any time: /start
erased-elsewhere = The account that was open here has been deleted by its owner. Start over: /start
card-erased =
    The consumer has deleted the account and withdrawn the consent to the processing of personal data. Request No. { $number } is closed; its card and scans have been cleared.{ $stay ->
        [0] { "" }
        [one] { " " }There is one message the bot cannot delete: delete it below the card yourselves.
       *[other] { " " }There are { $stay } messages the bot cannot delete: delete them below the card yourselves.
    }
status-registered = Registered
status-in_work = In progress
status-clarification = Needs clarification
status-done = Done
status-rejected = Declined
status-withdrawn = Withdrawn
status-annulled = Cancelled
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
    Withdraw request No. { $number }?

    The review will stop. You can submit a new request at any time.
request-dispute-sure =
    Reopen request No. { $number }?

    You will be able to write what you disagree with.
request-disputed =
    Request No. { $number } is under review again.

    Write what you disagree with, or attach documents: our specialists will receive them.
request-dispute-late = More than 10 days have passed since the request was closed. If the matter isn’t settled, submit a new one: “Requests” → “New request”.
request-overtaken = The status of this request has just changed. Open it to see the current one.
request-rated = Thank you! Your rating of request No. { $number } has been saved.
request-rated-low = Thank you for rating request No. { $number }. We are sorry that it did not go well. What went wrong? Write it as your next message; our staff will read it.
request-rated-before = Request No. { $number } has already been rated; it can be rated only once.
request-talk =
    <b>Request No. { $number }</b>
    Write a message or attach files: our specialists receive them at once.

    For example: attaching the missing page of the contract.
request-talk-taken = Passed on to our specialists for request No. { $number }. Write more, or press “Done”.
request-talk-answered =
    Your reply about request No. { $number } has been passed on to our specialists, and the request is in progress again. Expect our answer by { $due }.

    You can write more or press “Done”.
late-files =
    { $count ->
        [one] This file
       *[other] These files
    } arrived after you pressed “Done”, so { $count ->
        [one] it is
       *[other] they are
    } not attached to the request:
    { $names }

    Attach?
button-attach-late = Attach to the request
button-leave-late = Don’t attach
loose-messages =
    { $requests ->
        [0] I’m not expecting a message right now, but it can be the start of a new request:
        [1] I’m not expecting a message right now. Pass it on for request No. { $number }?
       *[other] I’m not expecting a message right now. Pass it on for a request? Choose which one.
    }
    { $messages }
button-pass = { $type } · No. { $number }
button-leave-messages = Don’t pass it on
button-emergency = 🚨 Report a danger
button-attach-loose = { $count ->
        [one] Attach the file you sent
       *[other] Attach the { $count } files you sent
    }
emergency-call =
    🚨 <b>If there is no power or something has happened, call { $phone } at once: it is the fastest way.</b>
    If a wire is down, or there are sparks or smoke, call 112 as well. Keep at least 8 metres away and keep others away.
request-from-messages = Your words are in the text of the request; you can change them before sending.
request-from-long-messages = The beginning of your words is in the text of the request; the rest did not fit, and the cut is marked. You can send the rest after submitting, with “Add information”.
request-reply-taken = Passed on to our specialists for request No. { $number }.
email-bounced =
    <b>Our emails do not reach you</b>
    The mail server refused to deliver an email to { $email }: the address may have changed, or the mailbox may be full.

    Check your email: “Profile” → “Edit my details”. Everything we write in emails about your requests is also here in the bot.
registration-refused =
    <b>The email with your password was refused</b>
    The mail server would not deliver it to the address you gave, so no account has been opened.

    Press “Correct the email” and type the address without a mistake, or another one.
edit-not-relayed = Your correction was not passed on to our specialists: you have logged out of the account you wrote from. Log in and write the message again: /menu
request-talk-kind = You can send our specialists text, a photo or a file. Send one of these, or press “Done”.
loose-kind = You can send our specialists text, a photo or a file. Send one of these, or choose what to do.
request-talk-long = Too long for one message. Split the text and send it in parts.
request-copied = The answers of the earlier request have been copied. Attach the scans again, check everything and send.
notice-registered =
    ↩️ Request <b>No. { $number }</b> is under review again.
    { $type }

    Expect an answer by <b>{ $due }</b>.
notice-in_work =
    🔧 Request <b>No. { $number }</b> is now in progress.
    { $type }
notice-answered =
    🔧 We have received your reply about request <b>No. { $number }</b>, and it is in progress again.
    { $type }

    Expect our answer by <b>{ $due }</b>.
notice-clarification =
    ❓ Request <b>No. { $number }</b> needs clarification.
    { $type }

    Reply with the button below. The review is paused until you reply.
notice-done =
    ✅ Request <b>No. { $number }</b> is done.
    { $type }

    Please rate our work. If the matter isn’t settled, press “I disagree” within 10 days.
notice-rejected =
    ⛔ Request <b>No. { $number }</b> has been declined.
    { $type }

    You can correct it and submit it again. If you disagree, press “I disagree” within 10 days.
notice-withdrawn =
    ↩️ Request <b>No. { $number }</b> has been withdrawn.
    { $type }
notice-annulled =
    🚫 Request <b>No. { $number }</b> has been cancelled: we did not receive a reply to our question.
    { $type }

    You can correct it and submit it again: your answers are saved.
clarification-reminder =
    ⏳ We are waiting for your reply about request <b>No. { $number }</b>.
    { $type }

    Reply by <b>{ $answer_by }</b>, or the request will be cancelled.
request-answer-by = ❗ Reply to our question by <b>{ $answer_by }</b>, or the request will be cancelled.
notice-words-annulled = Explanation
notice-words-registered = Explanation
notice-words-in_work = Explanation
notice-words-clarification = Our specialist’s question
notice-words-done = What was done
notice-words-rejected = Reason
notice-words-withdrawn = Explanation
talk-from-staff = Request No. { $number }, message from our specialist

requests =
    <b>Requests</b>{ $pages ->
        [1] { "" }
       *[other] { " " }· page { $page } of { $pages }
    }
requests-none =
    <b>Requests</b>

    No requests yet. Press “New request”.
request-line =
    <b>No. { $number }</b>, { $date }
    { $type } · { $status }
request-types =
    <b>New request</b>

    What is your request about?
request-registered =
    Your request has been registered: <b>No. { $number }</b>
    { $type }

    Expect an answer by <b>{ $due }</b>.
    { $scans ->
        [0] No scans attached.
        [one] { $scans } file attached.
       *[other] { $scans } files attached.
    } We are sending an email with the number to { $email }.
    { $emergency ->
        [true]
            { "" }
            ⚠️ You have reported a danger. Keep at least 8 metres away from fallen wires and call 112 or { $phone }.

            You can send the rest with the button “Add information”.
       *[false] { "" }
    }
request =
    <b>Request No. { $number }</b>
    { $type }

    Status: <b>{ $status }</b>
    Registered: { $registered }
request-due = Answer by: { $due }
request-messages = Conversation
request-message-by-consumer = you
request-message-by-staff = specialist
request-files = Files of request No. { $number }. Choose one to open.
request-file-gone = This file is no longer stored, or did not pass the check.
request-file-unchecked = The file is still being checked for viruses. Open it later.
request-text = Description
request-scans = Scans: { $count ->
        [0] none
        [one] { $count } file
       *[other] { $count } files
    }
request-documents = Documents from the company
request-without-text = Sent urgently, without a description.
request-history = History
emergency-warning =
    🚨 <b>This is life-threatening. Call 112 or { $phone } at once.</b>
    Stay at least 8 metres away from the wire and keep others away.

    You can send the request now and add the rest later.
answer-channel-asked = How would you like to receive answers to your requests?
answer-channel-telegram = Telegram
answer-channel-email = Email
answer-channel-paper = On paper
answer-channel-none = not chosen
answer-channel-set =
    Saved: { $channel }.

    Status notifications still come here and by email. To change this: “Profile” → “How to get answers”.
request-unknown =
    There is no such request among yours. Open the list of requests.

## Cards of the staff group

card =
    { $emergency ->
        [true] ⚠️ <b>DANGER. Request No. { $number }</b>
       *[false] <b>Request No. { $number }</b>
    }
    { $type }

    Status: <b>{ $status }</b>{ $by }
    Registered: { $registered }
    Answer by: <b>{ $due }</b>{ $left }
card-rating = The consumer’s rating: { $rating }
card-applicant =
    <b>{ $category }</b>
    { $name }
    { $phone }
    { $email }
card-scan = No. { $number } · { $name }
card-left =
    { $days ->
        [0] due today ({ $today })
        [one] { $days } day left (as of { $today })
       *[other] { $days } days left (as of { $today })
    }
card-overdue =
    ⚠️ { $days ->
        [one] { $days } day overdue
       *[other] { $days } days overdue
    } (as of { $today })
card-clock-stopped = review paused: waiting for the consumer’s reply
card-answer-by = review paused: waiting for the consumer’s reply until { $answer_by }, then the request is cancelled
card-from-site = Filed on the site: the consumer reads answers there and by email
card-answered = 💬 <b>The consumer has replied to the clarification</b>
card-required-papers = Required documents:
card-answer-channel = Answer: { $channel }
card-topic = { $mark } No. { $number } · { $type } · { $name }{ $assignee }
card-backlog =
    { $count ->
        [one] { $count } request is queued.
       *[other] { $count } requests are queued.
    } Telegram accepts no more than 20 messages a minute; the cards will come in the order of registration.
actor-consumer = consumer
actor-system = automatically
talk-from-consumer = No. { $number } · { $name }
talk-not-delivered = The consumer did not receive this in Telegram: they use the site, have logged out or blocked the bot. The message was sent by email to { $email }.
talk-erased = The consumer who made request No. { $number } has deleted the account: there is nobody to pass this on to, and no more emails go to their address.
talk-in-refused = The consumer’s file “{ $name }” was not passed on: the virus scanner found a threat in it. The consumer has been told.
talk-refused =
    The file “{ $name }” was not passed on to the consumer: { $reason ->
        [file-empty] it is empty. Check it and send it again.
        [file-too-big] it is larger than 20 MB, more than the bot can check or email. Make it smaller or split it.
        [file-type] the bot passes on PDF, JPEG, PNG, TIFF, HEIC, and Word, Excel, OpenDocument and RTF documents without macros. Save the file as one of these.
        [file-damaged] it does not open. Check it and save it again.
        [file-locked] it is password-protected. Save it without a password.
        [file-hides-another] a file of another type is hidden in it. Save the document as PDF again.
        [file-runs-code] it contains a script or macro. Save the document without macros or as PDF.
        [file-unfolds] it would take up too much memory when opened. Save it at a lower resolution.
        [file-too-complex] it is too complex to be checked. Save the document as PDF again.
       *[file-infected] the virus scanner found a threat in it. Check your computer.
    }
talk-email-bounced = An email about this request was not delivered: the mail server refuses the consumer’s address. Their chats have been told, but call them about what matters; the phone is on the card.
talk-given-up = The consumer did not receive this: neither Telegram nor email accepted the message. Call them: { $phone }
talk-delivered = ✓ Passed on to the consumer.
desk-button-in_work = Take on
desk-button-clarification = Ask for clarification
desk-button-done = Done
desk-button-rejected = Decline
desk-overtaken = No. { $number } already has the status “{ $status }”: { $by }. Nothing more needs to be pressed.
desk-unknown-request = There is no such request. Find the right one: /find number
desk-not-member = Buttons and replies work only for members of the support group.
desk-membership-unknown = Telegram did not say whether you are a member of the support group. Try again in a minute.
desk-unreadable = This message could not be read and was passed on to nobody. Send it again as plain text, a photo or a file.
desk-outdated = This screen is outdated: its button no longer does anything. Open the request again: /find number
desk-elsewhere = This button works only in the support group.
desk-anonymous = You are writing as the group, so nobody knows who is acting. Turn off anonymity in your administrator rights and try again.
desk-admins-only = Only administrators can do this: they are listed in the STAFF_ADMIN_IDS setting.
desk-heading-rejected = { $name }: why decline it?
desk-ask-rejected =
    Why is request No. { $number } being declined?
    Choose a reason, or press “In my own words”. The consumer will receive it.
desk-heading-clarification = { $name }: what to clarify?
desk-ask-clarification =
    What needs to be clarified about request No. { $number }?
    Choose a question, or press “In my own words”. The consumer will receive it.
desk-own-rejected = { $mention }, reply to this message with the reason for declining request No. { $number }.
desk-own-rejected-placeholder = For example: the site is not in our grid
desk-own-clarification = { $mention }, reply to this message with your question about request No. { $number }.
desk-own-clarification-placeholder = For example: please send a photo of the meter
desk-own-words = In my own words
desk-words-needed = Words are needed: write them as text, in a reply to the same message.
desk-unknown-message = Nothing was sent to a consumer. To write to one, reply to the request’s card or to the consumer’s message.
desk-talk-kind = You can send a consumer text, a photo or a file. Send one of these as a reply to the card.
desk-reset = <b>New password requested</b>
    Make sure that it really is the consumer. The password goes only to their email. The button works for 24 hours.
desk-reset-chat =
    Requested from <a href="tg://user?id={ $id }">chat { $id }</a>: { $known ->
        [yes] it has logged in to this account before.
       *[no] it has never logged in to this account.
    }
desk-reset-browser =
    Requested on the site: { $known ->
        [yes] this browser has logged in to this account before.
       *[no] this browser has never logged in to this account.
    }
desk-reset-by-staff = Requested by a specialist with the /reset command.
desk-reset-expired =
    <b>This password request has expired</b>
    More than 24 hours have passed. If it is still needed, send /reset and the email.
desk-reset-late = The card is more than 24 hours old, so its button no longer works. Send /reset and the email.
desk-reset-button = Reset password
desk-reset-done = <b>Password reset</b>: { $name }, { $at }. An email with the new password is on its way; all chats have been logged out.
desk-reset-before = The password has already been reset with this card.
desk-reset-usage = Write the email: /reset anna@example.ru
desk-reset-none = There is no account with this email. Check it: /find email
desk-error = That didn’t work: something is wrong on our side, and it is in the log. Try again in a minute.
desk-erased = This message has been cleared: the consumer deleted the account. Use the same command to get the list again.
desk-page-lost = The command that this message answered has been deleted. Repeat it.
desk-no-card = This request has no card in the group.
desk-no-photos = These photos are no longer there.
desk-photo-withheld = Some photos are not shown: they are not in the store, or did not pass the virus scan.
desk-here = ⬆️ The request’s card
desk-line =
    { $mark } <b>No. { $number }</b> · { $type }
    { $status } · { $name } · by { $due }{ $left }{ $assignee }{ $late ->
        [true] { " " }⚠️
       *[false] { "" }
    }
desk-find = <b>Found</b>: <code>{ $words }</code> · page { $page }
desk-find-start = The answer holds personal data and comes only to you, in a private chat. Start a chat with the bot and repeat the command.
desk-find-start-button = Start a chat with the bot
desk-find-none = Nothing found. Search by request number, email, phone, meter number, or words of a name, organisation, address or text.
desk-find-no-requests = No requests.
desk-find-readings = <b>Latest readings, kWh</b>
desk-find-reading = No. { $meter } · { $date } · { $values }{ $marks }
desk-find-usage = What should I look for? For example: /find 2026-000123, /find anna@example.ru, /find +7 912 345-67-89, /find ivanov mira
desk-my = <b>Your requests</b> · page { $page }
desk-my-none = You have no open requests assigned to you.
desk-overdue = <b>Overdue</b> · page { $page }
desk-overdue-none = No requests are overdue.
desk-overdue-notice = ⚠️ <b>Overdue: { $count }</b>
desk-soon-notice = ⏰ <b>Due soon: { $count }</b>
desk-digest = <b>Summary for { $date }</b>
desk-stats = <b>Statistics</b>
desk-stats-open = Open: { $total }, of these overdue: { $overdue }
desk-stats-line = • { $type }: { $total } (up to 3 days: { $first }, 4–10 days: { $second }, longer: { $third })
desk-stats-closed =
    Closed in { $days ->
        [one] { $days } day
       *[other] { $days } days
    }: { $closed }
desk-stats-answers = Median time to answer: { $hours } h. Late: { $late }
desk-stats-usage = Say for how many days you need the figures, from 1 to 999. For example: /stats 7
desk-stats-members =
    <b>By member, for { $days ->
        [one] { $days } day
       *[other] { $days } days
    }</b>
desk-stats-member = • { $name }: open { $open }, { $figures }
desk-stats-group = taken { $taken }, closed { $closed }, late { $late }
desk-stats-hours = { $hours } h to an answer
desk-stats-rating = rating { $rating }
desk-stats-types =
    <b>By type, last { $days ->
        [one] { $days } day
       *[other] { $days } days
    }</b>
desk-stats-type = • { $type }: { $figures }
desk-weekly = <b>The week up to { $date }</b>
desk-weekly-chart = Requests of the week by member
desk-weekly-in-time = closed in time
desk-weekly-late = closed late
desk-weekly-open = open now
desk-chart = Open requests by age
desk-age-0 = up to 3 days
desk-age-1 = 4–10 days
desk-age-2 = more than 10 days
desk-export-usage = Write the dates with dots. For example: /export 01.11.2026 30.11.2026 or /export readings 01.11.2026 30.11.2026
desk-export-begun = The file is being prepared and will come here.
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
desk-column-assignee = Assignee
desk-column-rating = Rating
desk-column-text = Text
staff-help =
    Consumers’ requests arrive here: a card with its scans below. Use the buttons to change the status. A reply to a card or to a consumer’s message goes to the consumer; everything else stays between you.

    /new – not taken yet
    /open – open ones: by type, status or /open @name
    /find – find by number, email, phone or meter
    /my – requests assigned to you
    /overdue – overdue requests
    /shift on, /shift off – begin and end a shift
    /stats – statistics
    /export – requests or readings for a period, XLSX
    /reset email – a new password for a consumer

## Desk: who answers a request

card-assignee = Assigned to: <b>{ $name }</b>
card-handed-over = 👤 Request No. { $number } was handed over to you. Its card is in the staff group.
card-note-handed_over = 👤 { $mention }request No. { $number } was handed over to you.
card-note-disputed = ❗ { $mention }the consumer disagrees with the answer to request No. { $number }. It waits for a review again.
card-note-withdrawn = ↩️ { $mention }the consumer withdrew request No. { $number }. No answer is needed any more.
card-note-rated = { $mention }the consumer rated the answer to request No. { $number }: { $stars }. We asked what went wrong: the words will come as a reply to the card.
desk-assign-take = Take
desk-assign-members = Hand over…
desk-assign-give_back = Back to the queue
desk-assigned = Request No. { $number } is assigned to { $name } already.
desk-heading-first = { $assignee } has it. { $name }, go on?
desk-ask-first =
    Request No. { $number } is assigned to { $assignee }.
    Go on anyway?
desk-ask-members = Who gets request No. { $number }?
desk-ask-first-yes = Yes, go on
desk-buttons = No. { $number } ▾
desk-member =
    { $duty ->
        [yes] 🟢 { $name }
       *[no] { $name }
    }
desk-member-gone = This member is not in the group. Choose another one.
desk-member-left = 👋 { $name } is not in the group any more. These requests went back to the queue: { $numbers }
desk-question-closed = This question is closed: the card shows what was done.
desk-question-of-another = Another member was asked. Press “Back” below the question, then your button of the request’s card.
desk-shift = On duty: { $names }
desk-shift-usage = Send /shift on at the beginning of a shift and /shift off at its end.
desk-shift-end =
    { $name }, your shift is over. You have { $count ->
        [one] { $count } open request
       *[other] { $count } open requests
    }. What should become of them?
desk-shift-rest =
    { $name }, you still have { $count ->
        [one] { $count } open request
       *[other] { $count } open requests
    } in groups where the chosen member is not. What should become of them?
desk-shift-give_back = Back to the queue
desk-shift-members = Hand over…
desk-shift-keep = Keep them
desk-shift-given-back = { $name }: requests back in the queue: { $count }
desk-shift-given = { $mention }, { $name } hands requests over to you: { $count }. The list: /my
command-staff-shift = Begin or end a shift

## Desk: words to the consumer, undo

notice-reopened =
    🔧 Request <b>No. { $number }</b> is in work again.
    { $type }

    The new date of the answer: { $due }.
desk-heading-done = { $name }: what was done?
desk-ask-done =
    What was done about request No. { $number }?
    Choose a result, or press “In my own words” to write it and attach files. The consumer gets it.
desk-own-done = { $mention }, reply to this message with what was done about request No. { $number }. You may attach files.
desk-own-done-placeholder = For example: the meter was replaced
desk-ask-reply =
    { $name }, what is the answer to request No. { $number }?
    Send your own words as a reply to the card.
desk-button-replies = Canned answer
desk-button-reopen = Back to work
desk-reopening-late = A request goes back to work within 10 days after it was closed, and these are over. Ask the consumer to file a new one.
desk-undo = ↩ Undo
card-undo = ⏳ The consumer is told of this in { $seconds } s. A mistake? Press “↩ Undo”.
desk-undo-reply = In { $seconds } s the consumer of request No. { $number } gets:
desk-undo-reset = <b>The password will be reset</b> in { $seconds } s: { $name }.
desk-undo-late = It is too late to undo: the consumer has got it or is getting it. A closed request can go back to work by the button of its card.
desk-undone = Undone. No. { $number } is “{ $status }” again, the consumer got nothing.
desk-reply-undone = Undone, the consumer got nothing.
desk-reset-undone = The reset of the password was undone. If it is needed after all, send /reset and the email.

## Emails

letter-greeting = Dear { $name },
letter-greeting-neutral = Hello,
letter-next = Next step
letter-open-site = Open your account on the site
letter-open-request-site = Open on the site
letter-open-request = Open the request
letter-open-bot = Open your personal account
letter-specialist = Message from our specialist
letter-files-omitted = The file is too big for the mail server, so this email came without it. You can get it in your account: “Requests”, then this request.
letter-attached =
    { $count ->
        [one] { $count } file is attached to this email.
       *[other] { $count } files are attached to this email.
    }
letter-receipt = The receipt is attached to this email.
letter-scans =
    { $count ->
        [0] not attached
        [one] { $count } file
       *[other] { $count } files
    }
letter-fact-number = Number
letter-fact-type = Type
letter-fact-status = Status
letter-fact-registered = Registered
letter-fact-at = Date and time
letter-fact-due = Answer by
letter-fact-scans = Scans
letter-farewell =
    Kind regards,
    { $company }
letter-footnote = Support: { $phone }, { $support }. Please do not reply to this email.

letter-password-subject = Password for your personal account. { $company }
letter-password =
    A consumer’s personal account has been opened for you. Your login is your email ({ $email }), your password:

        { $password }

    If you did not sign up, ignore this email and tell support about it.
letter-password-next = Log in and replace the password with your own: “Profile” → “Change password”. Use the password from this email within 72 hours: after that it stops working, and you can get a new one with “Forgot your password?”.
letter-taken-subject = Sign-up attempt with your email. { $company }
letter-taken = Somebody, perhaps you, tried to open a personal account with the email { $email }. You already have an account with this email; no new one has been opened, and your password is the same.
letter-taken-next = If you have forgotten your password, press “Forgot your password?”. If it wasn’t you, you don’t need to do anything.
letter-reset-subject = New password for your personal account. { $company }
letter-reset =
    At your request, the password of your personal account has been reset, and all chats have been logged out. Your login is your email ({ $email }), your new password:

        { $password }

    If you did not ask for this, tell support at once.
letter-reset-next = Log in and replace the password with your own: “Profile” → “Change password”. Use the password from this email within 72 hours: after that it stops working, and you can get a new one with “Forgot your password?”.
letter-code-password-reset-subject = Code for a new password. { $company }
letter-code-password-reset =
    Your code for setting a new password for your personal account:

        { $code }

    Do not share it with anyone: our specialists never ask for it. If you did not ask for a code, you don’t need to do anything: the password cannot be changed without it.
letter-code-password-reset-next = Enter the code where you asked for it. It is valid until { $until }.
letter-code-login-subject = Code for logging in to your personal account. { $company }
letter-code-login =
    Your code for logging in to your personal account from a new chat:

        { $code }

    Do not share it with anyone: our specialists never ask for it. If it wasn’t you, somebody else knows your password: change it at once with “Profile” → “Change password” or “Forgot your password?”.
letter-code-login-next = Enter the code where you asked for it. It is valid until { $until }.
letter-code-email-change-subject = Code for your new email. { $company }
letter-code-email-change =
    Your code for making this email ({ $email }) the login of your personal account:

        { $code }

    Do not share it with anyone: our specialists never ask for it. If you did not ask for a code, you don’t need to do anything: nothing changes without it.
letter-code-email-change-next = Enter the code where you asked for it. It is valid until { $until }.
letter-email-changed-subject = The email of your personal account has been changed. { $company }
letter-email-changed = Your personal account now has another email: no more emails will come to this address, and you cannot log in with it.
letter-email-changed-next = If you changed the email yourself, you don’t need to do anything. If not, tell support right now.
letter-new-chat-subject = Login to your personal account from a new chat. { $company }
letter-new-chat = On { $at } somebody logged in to your personal account from a Telegram account that had not been used before. Its ID: { $chat }.
letter-new-chat-next = If it was you, you don’t need to do anything. If not, open your account right now: “Profile” → “Where I am logged in” → “Log out there”, then change your password.
letter-new-browser-subject = Login to your personal account from a new browser. { $company }
letter-new-browser = On { $at } somebody logged in to your personal account on the site from a browser that had not been used before: { $browser }.
letter-new-browser-next = If it was you, you don’t need to do anything. If not, open your account right now: “Profile” → “Where I am logged in” → “Log out there”, then change your password.
letter-password-changed-subject = The password of your personal account has been changed. { $company }
letter-password-changed = On { $at } the password of your personal account was changed. Other chats have been logged out.
letter-password-changed-next = If you changed the password yourself, you don’t need to do anything. If not, press “Forgot your password?” right now, set a new one and tell support.
letter-failed-logins-subject = Wrong passwords for your personal account. { $company }
letter-failed-logins = A wrong password for your personal account was entered several times in a row, the last time on { $at }. The account is not blocked: everything works as usual in the chats where you have logged in before. To log in from a new chat, you need a code as well as the password; the code is sent to this email.
letter-failed-logins-next = If it was you and you have forgotten your password, press “Forgot your password?”. If not, make sure that your password is strong and not used anywhere else.

letter-registered-subject = Request No. { $number } has been registered. { $company }
letter-registered = Your request has been registered.
letter-registered-next =
    Our specialist will review the request. Expect an answer by { $due }: { $channel ->
        [web] it will come to this email, and to Telegram if you have logged in there
       *[telegram] it will come to Telegram and to this email
    }. You can see the status in “Requests”.
letter-status-subject = Request No. { $number }: { $status }. { $company }
letter-status = The status of your request has changed.
letter-status-next-registered = The request is under review again. Expect an answer by { $due }.
letter-status-next-in_work = Our specialist is reviewing the request. Expect an answer by { $due }.
letter-status-next-answered = We have received your reply, and the review continues. Expect our answer by { $due }.
letter-status-next-clarification =
    { $answer_by ->
        [none] Answer our specialist’s question: open the request and press “Add information”. The review is paused until you reply.
       *[other] Answer our specialist’s question by { $answer_by }, or the request will be cancelled: open it and press “Add information”. The review is paused until you reply.
    }
letter-status-next-done = Please rate our work. If the matter isn’t settled, open the request and press “I disagree” by { $until }.
letter-status-next-rejected = You can correct the request and submit it again. If you disagree, open it and press “I disagree” by { $until }.
letter-status-next-withdrawn = The review has stopped; you don’t need to do anything. You can submit a new request at any time.
letter-status-next-annulled = We did not receive a reply to our question in time, so the request has been cancelled. You can correct it and submit it again at any time: your answers are saved.
letter-clarification-reminder-subject = Request No. { $number }: please reply by { $answer_by }. { $company }
letter-clarification-reminder = We are waiting for your reply about request No. { $number }.
letter-clarification-reminder-next = Reply by { $answer_by }, or the request will be cancelled: open it and press “Add information”.
letter-message-subject = Message about request No. { $number }. { $company }
letter-message = Our specialist has written to you about request No. { $number }.
letter-message-next = To reply, open the request and press “Add information”.

## Forms

step = Step { $number } of { $total }
for-example = For example:
skipped = —
files-unchecked = The virus check is not available right now. Your files are saved; our specialists will receive them after the check.
files =
    { $count ->
        [one] { $count } file accepted
       *[other] { $count } files accepted
    }
form-request-scans-label = Scans
form-files =
    <b>Attach scans of the documents</b>
    { $papers }

    PDF, JPEG, PNG, TIFF or HEIC, up to 20 MB each, up to 10 files. Send them as files, photos or an album. { $hint }
form-files-optional = The request will also be reviewed without them.
form-paper = • { $name }{ $required ->
        [true] { " " }– required
       *[false] { "" }
    }
form-remove = Which file would you like to remove?
form-edit = Which answer would you like to change?
form-changed = The form was updated while you were filling it in. Your earlier answers are saved where the questions stayed the same.
form-unfinished =
    You have an unfinished form: <b>“{ $form }”</b>. Your answers are saved.

    Continue it, or start over: its answers will then be deleted.
form-cancelled =
    <b>Delete the draft?</b>
    The form “{ $form }” was not sent. You can also continue it later: it waits in the menu.
form-expired =
    This form was started too long ago and is no longer valid. Nothing was sent.

    Start over.

review-registration = Check your details. The password will be sent to this email.
review-request = Check your request before sending it.
review-reading = Check the readings and the consumption.
review-upload = Check what will be submitted.
review-askue = The identifier and password have been accepted and are not written down anywhere. Get the data?
review-password = The new password has been accepted. Save it?
review-reset = The new password has been accepted. Save it and log in?

form-registration = Sign-up
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
    It will be your login; the password and emails about your requests will come to it.
form-registration-email-label = Email
form-registration-email-example = anna@example.ru
form-registration-phone = <b>Phone</b>
    Type the number or share yours with the button below.
form-registration-phone-label = Phone
form-registration-phone-example = +7 912 345-67-89
form-registration-consent-label = Consent to the processing of personal data
choice-registration-category-individual = Individual
choice-registration-category-legal = Legal entity
choice-registration-consent-agree = I agree
choice-registration-consent-disagree = I do not agree

form-reading = Enter readings
form-reading-kind = <b>What kind of meter do you have?</b>
    The tariff is shown in your contract and on your bill.
form-reading-kind-label = Meter
choice-reading-kind-single = One tariff
choice-reading-kind-double = Two tariffs
choice-reading-kind-triple = Three tariffs
form-reading-meter = <b>Meter number</b>
    It is on the front panel next to the barcode: 4 to 20 letters and digits.
form-reading-meter-label = Meter number
form-reading-meter-example = 0812-094521
form-reading-ratio = <b>Transformer ratio</b>
    If the meter is connected through current or voltage transformers, send their total ratio: consumption is multiplied by it. If there are no transformers, press “Skip”.
form-reading-ratio-label = Transformer ratio
form-reading-ratio-example = 60
form-reading-single_t1 = <b>Meter reading, kWh</b>
    The digits on the display, with or without decimals.
form-reading-single_t1-label = Reading
form-reading-single_t1-example = 12345.6
form-reading-double_t1 = <b>T1, day: reading, kWh</b>
    The day zone, usually 7:00 to 23:00. The display shows T1.
form-reading-double_t1-label = T1, day
form-reading-double_t1-example = 8120.5
form-reading-double_t2 = <b>T2, night: reading, kWh</b>
    The night zone, usually 23:00 to 7:00. The display shows T2.
form-reading-double_t2-label = T2, night
form-reading-double_t2-example = 4225.1
form-reading-triple_t1 = <b>T1, peak: reading, kWh</b>
    Peak hours, usually 7:00 to 10:00 and 17:00 to 21:00. The display shows T1.
form-reading-triple_t1-label = T1, peak
form-reading-triple_t1-example = 3120.5
form-reading-triple_t2 = <b>T2, night: reading, kWh</b>
    The night zone, usually 23:00 to 7:00. The display shows T2.
form-reading-triple_t2-label = T2, night
form-reading-triple_t2-example = 4225.1
form-reading-triple_t3 = <b>T3, half-peak: reading, kWh</b>
    The other hours, usually 10:00 to 17:00 and 21:00 to 23:00. The display shows T3.
form-reading-triple_t3-label = T3, half-peak
form-reading-triple_t3-example = 5000
form-reading-scans = <b>Photo of the display</b>
    Send a photo that shows the meter number and the reading.
form-reading-scans-label = Photo of the display

form-period = Reading history
form-period-first = <b>From which day?</b>
form-period-first-label = First day
form-period-first-example = 01.01.2026
form-period-last = <b>Up to which day?</b>
form-period-last-label = Last day
form-period-last-example = 31.10.2026
form-place = Where the meter is
form-place-place = <b>Where is this meter?</b>
    This makes it easier to tell it from the others.
form-place-place-label = Place
form-place-place-example = Country house, panel by the entrance
form-ratio = Transformer ratio
form-ratio-ratio = <b>What is the transformer ratio of this meter?</b>
    A whole number: the ratios of the current and voltage transformers multiplied. Without transformers it is 1. It applies from the next reading.
form-ratio-ratio-label = Transformer ratio
form-ratio-ratio-example = 60

form-askue = ASKUE
form-askue-identifier = <b>Your ASKUE identifier</b>
    ASKUE is the company’s automated metering system. The company gives you the identifier together with the password.
form-askue-identifier-label = Identifier
form-askue-identifier-example = 1234567
form-askue-password = <b>Your ASKUE password</b>
    Your message with the password will be deleted at once. The password is needed for one request, and we do not store it.
form-askue-password-label = Password
form-askue-password-example = r7Nq4vKd2sXw8m

form-login = Login
form-login-email = <b>Email</b> you signed up with
form-login-email-example = anna@example.ru
form-login-password = <b>Password</b>
    Your message with the password will be deleted at once.
form-login-password-example = r7Nq4vKd2sXw8m
form-login-code = <b>Code from the email</b>
    A wrong password for this account was entered many times. So that nobody else gets in, enter the code from the email that we are sending you. The code is valid for 15 minutes.
form-login-code-example = 402917

form-reset = New password
form-reset-email = <b>Email</b> of your account
form-reset-email-example = anna@example.ru
form-reset-email-label = Email
form-reset-code = <b>Code from the email</b>
    If there is an account with this email, we are sending an email with a code to it. The code is valid for 15 minutes. Check your spam folder too.
form-reset-code-example = 402917
form-reset-new = <b>New password</b>
    At least 6 characters. Best of all, a phrase that only you will remember.
form-reset-new-example = blue kettle by the window
form-reset-repeat = <b>New password again</b>
form-reset-repeat-example = blue kettle by the window
form-name = Changing the name
form-name-full_name = <b>New full name</b>
form-name-full_name-label = Full name
form-name-full_name-example = Anna Ivanova
form-organisation = Changing the name
form-organisation-organisation = <b>New name of the organisation</b>
form-organisation-organisation-label = Organisation
form-organisation-organisation-example = Romashka LLC
form-phone = Changing the phone
form-phone-phone = <b>New phone</b>
    Send your number with the button below, or type it.
form-phone-phone-label = Phone
form-phone-phone-example = +7 912 345-67-89
form-email = Changing the email
form-email-email = <b>New email</b>
    It will become your login and get all emails. We will also tell the previous address.
form-email-email-label = Email
form-email-email-example = anna@example.ru
form-email-password = <b>Password for your personal account</b>
    Your message will be deleted at once. After the password, a code will be sent to the new email.
form-email-password-example = r7Nq4vKd2sXw8m
form-email-code = <b>Code from the email</b>
    Six digits, valid for 15 minutes. We are sending the email to the new address. If it isn’t in your spam folder either, check the address: go back and type it again. No code is sent if another account already uses this email.
form-email-code-example = 402917

form-deletion = Deleting the account
form-deletion-password = <b>Password</b>
    Enter the password of your personal account to delete it. Your message will be deleted at once.
form-deletion-password-example = r7Nq4vKd2sXw8m
form-password = Changing the password
form-password-old = <b>Current password</b>
    Your message will be deleted at once.
form-password-old-example = r7Nq4vKd2sXw8m
form-password-new = <b>New password</b>
    At least 6 characters. Best of all, a phrase that only you will remember.
form-password-new-example = blue kettle by the window
form-password-repeat = <b>New password again</b>
form-password-repeat-example = blue kettle by the window

## Errors: what is wrong and how to mend it

error-blank-words = The answer is empty. Write it in words, as in the example.
error-blank-choice = The answer is empty. Choose one of the options with a button.
error-blank-files = The answer is empty. Attach a file or press “Skip”.
error-wrong-kind-words = Answer this question with text, as in the example.
error-wrong-kind-choice = Answer this question with a button below.
error-wrong-kind-files = Files are needed here: a PDF or a photo. Attach them or press a button below.
error-files-expected = Files are needed here, not text. Attach a PDF or a photo, or press a button below.
error-choose = Choose one of the options with a button below.
error-unknown-command = There is no such command. Answer the question, or press /cancel to go back to the menu.
error-edited = The correction of your earlier message was not taken into account. Go back to the question with “Back”, or correct the answer at the end with “Edit”.
error-no-words = There are no letters or digits in your answer. Write it in words, as in the example.
error-messages-too-many = No more than { $limit } messages can be passed on at once. Pass these on, then send the rest.
error-too-long =
    Too long: { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, and no more than { $limit } are allowed. Shorten it and send it again.
error-too-short =
    Too short: { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, and at least { $limit } are needed. Write in more detail.
error-pattern = The answer has the wrong format. Compare it with the example and send it again.
error-name = Write your full name in letters, at least two words.
error-name-sign = A name can’t contain “{ $sign }”. Remove it and send the name again.
error-organisation = This is the type of organisation without its name. Write the name too: Romashka LLC.
error-phone = There is no such phone number. Write a Russian number with the code, 10 digits after +7.
error-contact-of-another = This is somebody else’s contact. Send your own number with the button, or type it.
error-email = This doesn’t look like an email. Check that it has an @, a dot after it and no spaces.
error-email-mixed = The email mixes letters of different alphabets, so nothing sent to it will arrive: { $letters }. Type it again, all in Latin letters.
error-email-not-ascii = Our mail server cannot send to addresses with non-Latin letters before the @. Give another email in Latin letters.
error-email-slip = Did you mean { $meant }? Choose the email with the button or type it again.
error-email-same = This is your current email. Write another one or press “Cancel”.
error-email-too-long =
    The email is too long: { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, and no more than { $limit } are possible. Check it.
error-date = I couldn’t read the date. Write it in digits, as in the example, or as a word: “yesterday”, “today”, “tomorrow”.
error-date-too-early = The date is too early. Give { $earliest } or later.
error-date-too-late = The date is too late. Give { $latest } or earlier.
error-number = A number is needed, digits only. Use a decimal point.
error-number-unit =
    { $unit ->
        [kW] The answer must be in kilowatts. Convert it and send the number, with or without “kW”.
       *[pcs] The answer is a quantity. Send only the number.
    }
error-number-decimals = Too many decimals: no more than { $limit } are allowed.
error-number-too-small = The number is too small: it must be at least { $limit }.
error-number-too-large = The number is too large: it must be at most { $limit }.
error-meter = A meter number can contain only letters, digits and hyphens. Check it and send it again.
error-meter-length =
    The meter number has { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, but it should have { $shortest } to { $longest }. Check it and send it again.
error-meter-gone = There is no such meter in your account. Press “Cancel” and choose a meter again.
error-reading-number = Send one number from the display: digits only, with a decimal point or comma.
error-reading-negative = A reading can’t be less than zero. Send the number without the minus sign.
error-reading-two-numbers = There is more than one number here, or a stray character between the digits. Send one number, with a decimal point or comma.
error-reading-digits = Too many digits before the decimal point: the meter has no more than { $limit }. Check whether the decimal point was lost.
error-reading-lower = This is less than the previous reading: { $previous } on { $date }. Check the display and send the number again. If the previous reading was wrong, or the meter was replaced or rolled over, press a button below the question.
error-reading-kind =
    Until now this meter had { $was ->
        [single] one tariff
        [double] two tariffs
        [triple] three tariffs
       *[other] a different number of tariffs
    }. If you made a mistake, go back and choose the previous kind. If the meter was replaced or reconfigured, press the button below the question.
error-reading-jump =
    Consumption in { $days ->
        [one] { $days } day
       *[other] { $days } days
    } is { $used } kWh, while it is usually about { $usual } kWh. Previous reading: { $previous }. Was the decimal point lost? Send the number again, or press “It’s correct” below the question.
error-period-backwards = The last day is before the first one. Write a day that is not before the first one, or go back and change the first day.
error-inn-length = This INN must have { $wanted } digits and no other characters. Check it and send it again.
error-inn-checksum = There is no such INN: the check digit doesn’t match. Check it for typos and send it again.
error-ogrn-length = This number must have { $wanted } digits and no other characters. Check it and send it again.
error-ogrn-checksum = There is no such number: the check digit doesn’t match. Check it for typos and send it again.
error-snils-length = A SNILS must have { $wanted } digits. Check it and send it again, or press “Skip”.
error-snils-checksum = There is no such SNILS: the check digits don’t match. Check it for typos, or press “Skip”.
error-location = Send a location: 📎 → “Location”, or type the latitude and longitude separated by a comma.
error-not-optional = This question needs an answer. Answer it, or press “Cancel”.
error-edit-unknown = This answer isn’t in the form. Choose another one.
error-review-open = All the questions have been answered. Send the form, or change an answer with the button.
error-files-none = There are no files yet. Attach at least one or press “Skip”.
error-message-empty = Write a message or attach a file.
error-file-empty = The file “{ $name }” is empty. Check it and attach it again. The other files are saved.
error-file-not-fetched = Telegram did not deliver this file. Send it once more.
error-file-too-big = The file “{ $name }” is larger than { $limit } MB. Make it smaller or split it. The other files are saved.
error-file-type = The file “{ $name }” is not suitable: a PDF, JPEG, PNG, TIFF or HEIC is needed. The other files are saved.
error-file-damaged = The file “{ $name }” was not accepted: it does not open. Open it on your device, save or scan it again, and attach it once more. The other files are saved.
error-file-locked = The file “{ $name }” was not accepted: it is password-protected. Save it without a password and attach it again. The other files are saved.
error-file-hides-another = The file “{ $name }” was not accepted: a file of another type is hidden in it. Print the document to PDF again or take a photo of it. The other files are saved.
error-file-runs-code = The file “{ $name }” was not accepted: it contains a script or macro. Print the document to PDF again (“Print” → “Save as PDF”) or take a photo of it. The other files are saved.
error-file-unfolds = The file “{ $name }” was not accepted: it would take up too much memory when opened. Scan it at a lower resolution or take a photo of it. The other files are saved.
error-file-too-complex = The file “{ $name }” was not accepted: it is too complex to be checked. Print the document to PDF again (“Print” → “Save as PDF”) or take a photo of it. The other files are saved.
error-file-infected = The file “{ $name }” was not accepted: the virus scanner found a threat in it. Check your device and attach another file. The other files are saved.
error-files-too-many = No more than { $limit } files can be attached; the last one was not accepted. Remove one, or combine the pages into one PDF.
error-password-too-short = The password is too short: at least { $limit } characters are needed. Choose a longer one, ideally a phrase.
error-passwords-differ = The passwords don’t match. Repeat the new password, or go back one step and choose it again.
error-password-common = This is one of the most common passwords and can be guessed in a minute. Choose another one, ideally a phrase.
error-password-is-email = The password is the same as your email and easy to guess. Choose another one, ideally a phrase.
error-password-is-old = This is your previous password. Choose another one.
error-password-expired = The password from the email was not used within 72 hours and no longer works. Press “Forgot your password?”: a code for a new one will come to your email.
error-code-format = The code is six digits from the email. Send only them.
error-code-refused =
    The code doesn’t match. Check the digits in the latest email and send them again. { $left ->
        [one] { $left } attempt left.
       *[other] { $left } attempts left.
    }
error-code-expired = The code is no longer valid. Go back to the email question with “Back” or “Edit” and answer it again: a new code will be sent.
error-old-password = The current password doesn’t match. Check the keyboard layout and capital letters and send it again.
error-login-refused = The email or password doesn’t match. Check the keyboard layout and capital letters and send the password again, or go back one step to the email.
error-login-delayed = Too many wrong passwords in a row. You can try again in { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }. Forgot your password? Press the button below.
error-session-over = Your session has ended. Log in again: /menu

## Limits

limit-messages = Too many messages in a row: the bot can’t keep up. It will answer again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-registrations = Too many sign-ups from this chat. You can try again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-resets = Too many new-password requests from this chat. You can try again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-files = Too many files in a row: this one was not accepted, the others are saved. Send it again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-requests = Too many requests in a row from your account. This one was not sent; its draft is saved. Send it in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-staff_messages = Too many messages to our specialists in a row: this one was not sent. Repeat it in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-contact_changes = Too many changes of name, phone and email in your account. You can try again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-uploaded_readings = Too many readings from files for one day: these have not been submitted; the file is saved in the draft. Submit them in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-stored_megabytes = Too much file data for one day: this file was not accepted, the others are saved. Send it again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
limit-askue = Too many ASKUE requests in a row. You can try again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.

## Application, power of attorney and receipt as PDF

button-receipt = Receipt
receipt-sent = The receipt for request No. { $number } is in the file above.
receipt-unavailable = The receipt for request No. { $number } could not be made. The request itself has been registered; try again in a few minutes.
card-receipt = Receipt { $number }
card-joined_photos = Photos of { $number }
card-document-unavailable = The PDF for request No. { $number } could not be made. Press the button again later; if that doesn’t help, look at the bot’s log.
card-application = <b>Application on paper:</b> draft No. { $number }. Another number on the scan means other answers.
desk-button-receipt = Receipt
desk-button-joined_photos = Photos as PDF
button-sign = Sign and attach
button-signed = Already signed
button-unsigned = Without an application
button-power_of_attorney = Blank power of attorney
application-ready = 📄 <b>Your application is ready</b>: it is in the file above, based on your answers. It is in Russian, as the law requires. Sign it and send it here.
application-outdated = 📄 An answer has changed, so <b>the previous application no longer fits</b>. The new one is in the file above: please sign it. If you attached a scan of the previous one, remove it.
application-unavailable = The PDF could not be made. You can send the request without it: your answers are saved.
application-sign =
    1. Print the file and sign it, or sign it right on the screen.
    2. Take a photo of the signed application and send it here with the other documents.
application-signed = Send a photo or scan of the signed application, then the other documents.
application-unsigned = All right, you can send the request without an application. Attach other documents or press “Skip”.
application-blank = The blank power of attorney is in the file above, in Russian. Fill it in and sign it, then send a photo or scan.
limit-documents = Too many PDF files in a row. The next one is possible in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
document-page = Page
document-of = of
document-field = Detail
document-value = Answer
document-details = Details of the request
document-text = Description
document-attachments = Attachments
document-confirmation = I confirm that the information provided is accurate.
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
document-application-number = Draft No. { $number }
document-application-file = Application { $number }
document-power-of-attorney = Power of attorney
document-receipt = Receipt for request No. { $number }
document-receipt-file = Receipt { $number }
document-receipt-number = Number
document-receipt-registered = Registered on
document-receipt-type = Type of request
document-receipt-due = Answer due by
document-receipt-applicant = Applicant
document-receipt-contacts = Phone and email
document-receipt-application = Draft number of the application
document-receipt-closing = This receipt was made automatically when the request was registered; it is valid without a signature. Questions: { $phone }, { $email }.

## Readings in a file

upload-column-kind = Tariffs
upload-column-place = Location
upload-column-before = Previous readings
upload-template-file = Readings template
upload-errors-file = Rows with errors
upload-line = row { $line }
upload-right = Correct rows: <b>{ $count }</b>
upload-replaced = Replacing readings entered today: { $count }
upload-late = After the deadline: { $count }
upload-new = <b>New meters:</b> { $count } ({ $meters }). If a number is wrong, correct the file: press “Edit”.
upload-wrong = ⚠️ <b>Rows with errors: { $count }.</b> Their readings are not submitted. Correct them and send them in a separate file, or enter them by hand.
upload-more = And { $count } more: all of them are in the file “Rows with errors”.
upload-submitted = <b>The readings from the file have been accepted.</b> Meters: { $count }

form-upload = Readings from a file
form-upload-table = <b>XLSX file with readings</b>
    Download the template with the button below: your meters are already in it. Fill in the readings and send the file here. One file can have up to 300 meters.
form-upload-table-label = File

error-wrong-kind-table = An XLSX file is needed here. Download the template with the button below, fill it in and send it as a file.
error-table-type = This is not an XLSX file. Save the table as “Excel Workbook (.xlsx)” and send it as a file.
error-table-locked = The file is password-protected. Save it without a password and send it again.
error-table-runs-code = The file contains a macro. Save the table as “Excel Workbook (.xlsx)”, without macros, and send it again.
error-table-too-large = The file is too large. Copy the readings into the template and send it.
error-table-damaged = The file cannot be opened. Open it on your device, save it as “Excel Workbook (.xlsx)” and send it again.
error-table-sheets = The readings must be on one sheet, but the file has several filled sheets or none. Leave one sheet and send the file again.
error-table-columns = The table needs the columns “Meter number” and “T1, kWh”, and for other tariffs “T2, kWh” and “T3, kWh”, each of them once. Copy the readings into the template and send it.
error-table-rows = The table has more than { $limit } rows, including empty formatted ones. Delete the extra rows, or split the table into several files.
error-table-empty = There are no readings in the file. Write them in the column “T1, kWh”, and for other tariffs also in “T2, kWh” and “T3, kWh”, and send the file again.
error-table-nothing =
    There is no correct row in the file. Correct the rows and send the file again.
    { $errors }
error-table-blank = the meter number is missing, write it in
error-table-formula = this is a formula, write a number
error-table-merged = the cell is merged with others, split them and write a number
error-table-date = this is a date, not a number: give the cell a number format and write the number again
error-table-other = this is not a number, write the reading in digits
error-table-digits = the meter number has too many digits for a number, so Excel may have changed them: give the cell a text format and write it again
error-table-zones = fill in T1, or T1 and T2, or T1, T2 and T3
error-table-twice = this meter is listed several times (rows { $lines }), leave one of them
error-table-meters = your personal account already has { $limit } meters, so a file cannot add more: enter its readings by hand
error-upload-meter = a meter number can contain only letters, digits and hyphens
error-upload-reading-number = this is not a number, write the reading in digits
error-upload-reading-negative = a reading can’t be less than zero
error-upload-reading-two-numbers = there is more than one number here, write one
error-upload-reading-lower = less than the previous reading: { $previous } on { $date }. If that is right, enter it by hand
error-upload-reading-kind =
    until now the meter had { $was ->
        [single] one tariff
        [double] two tariffs
        [triple] three tariffs
       *[other] a different number of tariffs
    }. Fill in all of them; if the meter was replaced, enter the readings by hand
error-upload-reading-jump = consumption of { $used } kWh is far above the usual. If that is right, enter the reading by hand

## Readings as PDF

readings-document-unavailable = The PDF could not be made. Please try again in a few minutes; the readings are saved.
document-history = Readings of meter { $meter }
document-act = Statement of readings submitted for { $month }
document-readings-consumer = Consumer
document-readings-company = Grid company
document-readings-contacts = Phone and email
document-readings-meter = Meter
document-readings-period = Period
document-readings-month = Month
document-readings-total = Total consumption
document-readings-date = Date
document-readings-zone = Tariff
document-readings-before = Previous
document-readings-value = Reading
document-readings-ratio = Transformer ratio
document-readings-factor = Ratio
document-readings-used = Consumption, kWh
document-readings-marks = Notes

## Site: frame

site-title = Consumer account
site-skip = Skip to content
site-sections = Sections
site-home = To the main page
site-support = Support: { $phone },
site-policy = Personal data policy
site-done-login-needed = Log in, and the page you need will open.
site-done-login-kept = Your login has ended. All that you wrote is kept; please attach files again. Log in, and the page will open again.
site-error-400-title = The request could not be read
site-error-400 = The data came damaged or in a wrong form. Go back to the previous page, reload it and try again.
site-error-403-title = No access
site-error-403 = This page belongs to another account. Check which account you are logged in to, or begin at the main page.
site-error-csrf-title = The page is outdated
site-error-csrf =
    The form was opened too long ago or in another account, or cookies are off in this browser. Nothing was sent.

    Go back, reload the page and try again. If that does not help, allow cookies for this site.
site-error-404-title = There is no such page
site-error-404 = The address is mistyped, or the page was removed. Begin at the main page.
site-error-405-title = This page does not open like that
site-error-405 = The link leads to a wrong place or is outdated. Begin at the main page.
site-error-408-title = The data took too long
site-error-408 = The connection is slow or broke, and not everything arrived. Go back and send it again.
site-error-413-title = Too much data
site-error-413 = You sent more than the site accepts. Go back, shorten the text or make the files smaller, and try again.
site-error-422-title = The answers do not fit
site-error-422 = Some answers could not be accepted. Go back, correct them and try again.
site-error-429-title = Too many attempts
site-error-429 = Wait a few minutes and try again. If it is urgent, call us: { $phone }.
site-error-network-title = Too many attempts
site-error-network = There were too many attempts from your network address. Try again in { $minutes } min. If it is urgent, call us: { $phone }.
site-error-500-title = Something broke on our side
site-error-500 =
    It did not work, and we know about this fault already. What was saved is not lost.

    Try again in a minute. If that does not help, call { $phone } or write to { $email }.
site-error-503-title = The account is unavailable for now
site-error-503 =
    Usually this takes a few minutes. What was saved is not lost.

    Reload the page in a minute. For urgent questions call { $phone }.
site-password = Password
site-menu-requests = File a request and follow its review
site-menu-readings = Send readings, see earlier ones and the chart
site-menu-askue = Data of automatic metering
site-menu-profile = Your data, password, notices, language
site-about = Requests to the grid company, meter readings and automatic metering data in one place.
site-no-account = No account yet? Registration takes two minutes.
site-enter = Open the account
site-foreign-login =
    The form came from another site, so you are not logged in: this keeps a stranger’s page from logging in for you.

    Enter the password here.
site-error-prefix = Error:
site-errors = Some answers do not fit. Correct the marked fields and send again.
site-example = For example: { $example }
site-category = Who are you?
site-category-hint = Sole proprietors choose “Legal entity”.
site-email-hint = It will be your login; the password and emails about requests come to it.
site-code = Code from the email
site-code-label = Code
site-code-hint = Six digits, valid for 15 minutes.
site-login-code = A wrong password was entered for this account many times. To keep strangers out, enter the code from the email: we are sending it to <b>{ $email }</b>.
site-forgot = Enter the email of your account: a code will come to it, with which you set a new password.
site-send-code = Send the code
site-reset-code = If there is an account with the email <b>{ $email }</b>, we are sending an email with a code to it. Look into “Spam” too.
site-old-password = Old password
site-new-password = New password
site-repeat-password = New password again
site-password-hint = At least 6 characters. Best of all is a phrase that only you remember easily.
site-no-letter = No email, not even in “Spam”? Ask the staff to send a new password.
site-temporary-password = The password from the email is temporary. Better replace it with your own now.
site-change-password = Change the password
site-data = Data
site-data-hint = The staff will see the new data in all open requests.
site-since = Account opened
site-change-email = Change the email
site-new-email = New email
site-new-email-hint = It becomes your login, and emails come to it. The former address is told.
site-account-password-hint = The password of this account.
site-email-code = We are sending the email with the code to <b>{ $email }</b>. If it is not in spam either, check the address. No code comes if another account has this address.
site-answers-hint = Notices about the status come by email and, if you are logged in there, to Telegram.
site-sessions-hint = If some login is not yours, press “Log out there” and change the password at once.
site-session-here = you are here
site-session = Login: { $since }. Last action: { $seen }
site-end-session = Log out there
site-end-session-of = Log out there: { $name }
site-export-hint = Everything we keep about you and your scans in one archive. Keep it as carefully as a passport.
site-export = Download the archive
site-archive-under-way = The archive is being downloaded in another window. You can download it again once it is saved.
site-deletion-hint = Close the account and withdraw the consent to the processing of personal data.
site-deletion =
    You close the account and withdraw the consent to the processing of personal data. Your name, email, phone, password, scans, readings, conversations and drafts are deleted at once and for good. Open requests are withdrawn.

    Numbers, dates and statuses of requests stay without name and text for the term that the law demands.

    You can take a copy first: “Profile” → “My data”.
site-done-logged-out = You have logged out.
site-done-letter-again = We are sending the email with the password again. The password from the former email no longer works.
site-done-password-saved = The new password is saved, and you are logged in. Other devices and chats are logged out.
site-done-password-changed = The password is changed. Other devices and chats are logged out.
site-done-data-changed = The data are changed.
site-done-answers-set = The way of the answer is saved.
site-done-session-ended = Logged out there.
site-done-deleted = The account is deleted, the consent is withdrawn. Other devices and chats are logged out.
site-complaint-blank = Fill in this field.
site-complaint-choose = Choose one of the options.
site-complaint-consent-refused = Without the consent to the processing of personal data no account can be opened. Nothing about you was stored. You can file a request without an account, by phone or email: they are at the bottom of the page.
site-complaint-login-refused = The email or the password is wrong. Check the keyboard layout and the case and enter the password again.
site-complaint-login-delayed =
    Too many wrong passwords in a row. The next attempt is possible in { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }. Forgot the password? Set a new one by the link below.
site-complaint-old-password = The password is wrong. Check the keyboard layout and the case and enter it again.
site-complaint-passwords-differ = The passwords differ. Enter the new password once more in both fields.
site-complaint-code-format = The code is six digits from the email. Enter only them.
site-complaint-code-refused =
    The code is wrong. Check the digits in the last email. { $left ->
        [one] { $left } attempt is left.
       *[other] { $left } attempts are left.
    }
site-complaint-code-expired = The code no longer works. Go back and ask for a new one.
site-complaint-email-slip = Is there a slip? Perhaps { $meant }? Correct the address, or send it again if it is right.
site-complaint-location = Latitude and longitude are needed, separated by a comma. Find the place on a map and copy them from there.
site-complaint-snils-length = A SNILS has { $wanted } digits. Correct it or leave the field empty.
site-complaint-snils-checksum = There is no such SNILS: its check digits do not match. Look for a typing mistake, or leave the field empty.
site-complaint-period-backwards = The end is before the beginning. Choose a day that is not before the beginning, or change the beginning.
site-complaint-wrong-kind = An XLSX file is needed here. Download the template by the link above, fill it in and choose it here.


## Site: requests, readings, ASKUE

site-unfinished = Unfinished
site-number = Number
site-request-type = Subject
site-status = Status
site-requests-none = There are no requests yet. Press “New request”.
site-pages = Pages of the list
site-page = Page { $page } of { $pages }
site-page-before = Previous
site-page-after = Next
site-request-types = What is the request about? The form is saved as you fill it in: you can finish it later, here or in Telegram.
site-request = Request No. { $number }
site-registered = The request is registered. Number: { $number }
site-registered-due = Expect the answer by { $due }.
site-registered-letter = An email with the number is on its way to { $email }.
site-emergency = You reported a danger. Keep 8 metres away from broken wires and call 112 or { $phone }.
site-registered-at = Registered
site-due = Answer by
site-rating = Your rating
site-stars =
    { $stars ->
        [one] { $stars } star
       *[other] { $stars } stars
    }
site-rate = How did we do?
site-rate-send = Rate
site-stars-missing = Choose a rating from 1 to 5 and press “Rate”.
site-answer = Answer
site-request-content = What the request says
site-message = Message to the specialists
site-message-hint = The specialists will get it. The answer comes here and by email. For example: the missing page of the contract is attached.
site-message-files = Files
site-message-files-hint = PDF, JPEG, PNG, TIFF or HEIC, up to 20 MB each, 10 at most.
site-message-kept = These files are attached already and will go with the message:
site-message-send = Send
site-done-message-sent = Passed on to the specialists.
site-done-message-answered = The answer is passed on to the specialists, the request is in work again.
site-messages-none = There are no messages yet.
site-messages-whole = Show the whole conversation
site-done-request-withdrawn = The request is withdrawn. Its review has stopped.
site-done-request-disputed = The request is reviewed again. Write below what you disagree with.
site-done-request-rated = Thank you! Your rating is stored.
site-done-request-rated-low = Thank you for the rating. We are sorry that it did not go well: write below what went wrong, our staff will read it.
site-done-request-rated-before = There is a rating already, it cannot be given twice.
site-done-request-registered = The request is registered.
site-done-request-copied = The answers of the earlier request are taken over. Attach the scans again. Check and send.
site-done-request-not-copied = A request of this kind is begun and not finished. Send or delete it, then press “Submit again” once more.
site-error-request-unknown-title = There is no such request
site-error-request-unknown = It is not among your requests. Check the number or open the list of requests.
site-error-meter-unknown-title = There is no such meter
site-error-meter-unknown = It is not among your meters. Open “Readings” and choose a meter.
site-error-no-readings-title = There are no readings
site-error-no-readings = An act is made of the readings that were sent, and there are none yet. Send readings and try again.
site-error-document-title = The PDF could not be made
site-error-document = Your data are stored. Try again in some minutes; if that does not help, call { $phone }.
site-error-file-gone-title = The file cannot be opened
site-error-file-gone = It is no longer stored or did not pass the inspection. If you need it, write to us in the conversation of the request.
site-error-file-unchecked-title = The file is still being checked
site-error-file-unchecked = The virus scan is not finished. Open the file in some minutes.
site-error-askue-forgotten-title = The data are gone
site-error-askue-forgotten = ASKUE data are kept for half an hour, for this browser only. Open “ASKUE” and get them again.
site-readings = Send the readings of a meter or look at earlier ones. To have a specialist read the meter, file a request. Questions about meters: { $phone }.
site-meters-none = There are no readings yet. Press “Enter readings” to send the first ones.
site-no-reading = no readings yet
site-upload-tile = The readings of many meters in one file
site-reminders-on = We remind you of readings before the last day.
site-reminders-off = We do not remind you of readings.
site-done-reminders-on = Stored: we will remind you of readings.
site-done-reminders-off = Stored: we will not remind you of readings.
site-choose-meter = Choose a meter. If it is not here, press “Another meter”.
site-complaint-reading-lower = This is less than the earlier reading: { $previous } of { $date }. Check the display and correct the number. If it is right, choose the reason below.
site-complaint-reading-kind =
    This meter used to have { $was ->
        [single] one tariff
        [double] two tariffs
        [triple] three tariffs
       *[other] other tariffs
    }. If this is a mistake, go back and choose the former kind. If the meter was replaced or set up anew, choose the reason below.
site-complaint-reading-jump =
    The consumption of { $days ->
        [one] { $days } day
       *[other] { $days } days
    } is { $used } kWh, and usually about { $usual } kWh. The earlier reading: { $previous }. Is a decimal sign missing? Correct the number or confirm it below.
site-complaint-meter-gone = There is no such meter in your personal account. Go back to “Readings” and choose a meter again.
site-optional = may be skipped
site-overtaken = The status of the request has just changed, so this cannot be done any more. The current one is below.
site-confirm = If the value is right, choose the reason and press “Next” once more
site-reading-photo = A photo that shows the number of the meter and the reading.
site-upload-hint = Write the readings into the template: your meters are in it already. One file may hold up to 300 meters.
site-upload-check = Check the file
site-show = Show
site-save = Save
site-chart-alt = Chart of consumption by month; the same numbers in words are below
site-chart-words = The chart in words
site-meter-settings = Settings of the meter
site-meter-hidden = The meter is hidden: we neither offer it nor remind you of it. Its readings are kept.
site-ratio-hint = A whole number; 1 without transformers. It holds from the next reading on.
site-done-meter-changed = Saved.
site-done-meter-hidden = The meter is hidden. “Hidden meters” brings it back.
site-done-meter-shown = The meter is in the list again.
site-askue-hint = The company gives you identifier and password. They are used for one query, we do not keep them.
site-askue-data = ASKUE data
site-askue-at =
    Received { $time }. { $count ->
        [one] { $count } meter
       *[other] { $count } meters
    }.
site-askue-empty = The system has no meters for this identifier. If that is wrong, contact the company.
site-askue-waiting = Requesting readings. It usually takes seconds, the data will appear here.
site-askue-missing = Remote access to readings is not connected yet. You can send readings by “Enter readings”.
site-refresh = Refresh
site-done-askue-cancelled = The query is cancelled. No data were received.

## The chat and the site

button-site = Open on the site
site-link =
    Open the link: it logs you in to your account on the site without a password.

    { $link }

    The link works for a minute and only once. Don’t forward it to anybody.
site-link-title = Login by a link from Telegram
site-link-confirm =
    You are logging in to the account of { $name }, email { $email }.

    If this is not your account, close the page.
site-link-expired = The link has been used or has expired: it works for a minute. Get a new one in the bot, or log in with your email and password.
chat-link-confirm =
    Log in to the account of { $name } with the email { $email }?

    If you did not open this link on our site yourself, press “Cancel”: the owner of another account would see your requests.
chat-link-expired = The link has been used or has expired: it works for 5 minutes. Get a new one on the site, or log in with your email and password.
site-telegram = Get notices in Telegram
site-telegram-hint = The bot tells you about every step of a request and reminds you of readings.
site-telegram-link =
    Open the bot and press “Start”, then “Log in”: no password is needed.

    The link works for 5 minutes and only once. Don’t forward it to anybody.
site-telegram-open = Open Telegram
site-telegram-away = Telegram is unavailable right now. Try again in a few minutes.

## The site: the Telegram Mini App

menu-button-site = Account
site-mini-app-title = The account in Telegram
site-mini-app-opening = Opening your account…
site-mini-app-outside =
    The button “Account” beside the message field of the bot’s chat opens this page. Then no password is needed if you are logged in in the chat.

    Here you can log in with your email and password from the main page.
site-mini-app-framed =
    Telegram in a browser cannot show the account inside itself: the browser does not let the login be kept.

    Open the account in the browser and log in with your email and password. Without a password, use a link: in the bot’s chat press “Profile”, then “Open on the site”.
site-mini-app-browser = Open in the browser
site-mini-app-invalid = Telegram did not confirm that it is you who opens the account. Close this window and open the account again by the button beside the message field of the bot’s chat. If that does not help, update Telegram, or log in with your email and password.
site-mini-app-expired = The account was opened more than 5 minutes ago. Close this window and open it again by the button beside the message field of the bot’s chat.
site-mini-app-used = This opening of the account has been used already. Go to the main page; if it asks you to log in, close this window and open the account again by the button beside the message field of the bot’s chat.
site-mini-app-often = The account was opened from this chat too often. Open it again in 15 minutes, or log in with your email and password.
site-done-mini-app-guest = You are not logged in in the bot’s chat right now. Log in here with your email and password. Or log in in the chat and open the account again: no password is needed here then.

## The site: the form of a request

site-form-next = Next
site-form-save = Save and close
site-form-back = Back to the answers
site-form-edit = Edit: { $label }
site-form-remove = Remove the file { $name }
site-form-remove-short = Remove
site-form-required = required
site-form-location = Latitude and longitude with a comma: maps show them when you press a place
site-form-application = Make the application, PDF
site-form-application-hint = From your answers. Sign it and attach a scan or a photo.
site-form-application-outdated = Answers have changed, so the former application does not fit any more. Go back to the answers, make the application anew and sign it. Remove the scan of the former one.
site-form-power_of_attorney = Power of attorney to fill in, PDF
site-form-choose-files = Choose files or drop them here
site-form-files-hint = PDF, JPG, PNG, TIFF or HEIC, up to 20 MB each, up to 10 files.
site-form-attach = Upload
site-form-progress = Upload of the file
site-form-upload-failed = The file was not uploaded: the connection broke. Choose it again. The other files are kept.
site-form-autosaved = The answers are saved.
site-form-unsaved = No connection: the last answers are not saved yet. Do not close the page.
site-done-form-more = The answers are saved. There are more questions now: answer them and press “Next”.
site-done-form-saved = The draft is saved. Continue here or in the Telegram chat.
site-done-form-discarded = The draft is deleted.
site-error-type-unknown-title = There is no such request
site-error-type-unknown = Requests of this type are not accepted any more. Choose another one in “Requests”.
## Queue

command-staff-new = Not taken yet
command-staff-open = Open requests
desk-new = <b>Waiting to be taken</b> · page { $page }
desk-new-none = All requests are taken.
desk-open = <b>Open requests</b> · page { $page }
desk-open-none = There are no such open requests.
queue-open-usage = What shall be listed? For example: /open, /open In progress, /open Theft, /open @Maria
queue-left =
    { $days ->
        [0] (today)
        [one] ({ $days } day left)
       *[other] ({ $days } days left)
    }
queue-board =
    <b>Queue</b>
    🆕 Waiting: { $new }{ $emergencies ->
        [0] { "" }
       *[other] { " " }· 🚨 { $emergencies }
    }
    🔧 In progress: { $in_work }
    ❓ Waiting for the consumer: { $clarification }
    ⚠️ Overdue: { $overdue }

    Lists: /new, /open, /overdue

## To the heads

escalation-untaken = 🚨 Emergencies that nobody has taken: { $count }
escalation-overdue = ⚠️ Requests overdue for days: { $count }
escalation-line =
    No. { $number } · { $type } · due { $due }{ $days ->
        [0] { "" }
        [one] , { $days } day overdue
       *[other] , { $days } days overdue
    } · answered by: { $assignee }
escalation-next = The cards are in the staff group: /find number. “Hand over…” on a card gives it to somebody else.
