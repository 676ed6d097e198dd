# Слова для людей. Те же ключи и переменные – в en.ftl. Значения уже экранированы для HTML Telegram.

## Команды

command-start = Начать
command-menu = Меню
command-help = Помощь
command-cancel = Отменить и вернуться в меню
command-language = Язык / Language
command-staff-find = Найти заявку
command-staff-my = Мои заявки
command-staff-overdue = Просроченные
command-staff-stats = Статистика
command-staff-export = Выгрузка XLSX
command-staff-reset = Сбросить пароль
command-staff-help = Помощь

## Кнопки

button-login = Войти
button-registration = Регистрация
button-forgot = Забыли пароль?
button-requests = Заявки
button-readings = Показания
button-profile = Профиль
button-logout = Выйти
button-new = Создание заявки
button-to-requests = К заявкам
button-reading = Ручной ввод
button-upload = Файл XLSX
button-upload-template = Шаблон
button-askue = АСКУЭ
button-submit-askue = Получить данные
button-askue-waiting = ⏳ Получаю данные…
button-askue-anew = Получить снова
button-meters = Ранее введенные показания
button-png = График
button-xlsx = Excel
button-pdf = PDF
button-act = Акт передачи показаний
button-period = Период
button-whole = За всё время
button-place = Где счётчик
button-meter = Счётчик
button-photos = Фото табло
button-other-meter = Другой счётчик
button-enter-reading = Передать показания
button-ratio = Коэффициент трансформации
button-object-dwelling = Это жильё
button-object-other = Это не жильё
button-hide-meter = Скрыть счётчик
button-unhide-meter = Вернуть счётчик
button-hidden-meters = Скрытые счётчики
button-layout = Вид таблиц
button-seen = Вижу таблицу
button-unseen = Пусто
button-reminders-off = Не напоминать о показаниях
button-reminders-on = Напоминать о показаниях
button-history = История счётчика
button-to-readings = К показаниям
way-replaced = Счётчик заменён
way-rollover = Прошёл через ноль
way-confirmed = Всё верно
way-kept = Оставить как есть
way-amends = Прежнее было с ошибкой
button-password-again = Отправить ещё раз
button-correct-email = Исправить email
button-reading-visit = Снятие показаний
button-contact = Изменить данные
button-contact-name =
    { $category ->
        [legal] Название организации
       *[individual] Имя
    }
button-contact-phone = Телефон
button-contact-email = Email
button-password = Сменить пароль
button-answer-channel = Способ ответа
button-submit-now = 🚨 Отправить сейчас
button-sessions = Где выполнен вход
button-end-session = Выйти там: { $number }. { $name }
button-my-data = Мои данные
button-deletion = Удалить аккаунт
button-deletion-on = Продолжить удаление
button-language = Язык
button-menu = Меню
button-resume = Продолжить заполнение
button-resume-form = Продолжить: { $form }
button-discard = Удалить черновик
button-keep = Продолжить
button-again = Начать заново
button-later = Позже
button-no-letter = Письмо не приходит
button-enter-code = Ввести код
button-copy-number = Скопировать номер
button-supplement = Дополнить
button-withdraw = Отозвать
button-withdraw-yes = Отозвать заявку
button-dispute = Не согласен
button-dispute-yes = Вернуть на рассмотрение
button-copy = Подать заново
button-reply = Ответить
button-request = { $status } · { $type } · № { $number }
button-files = Файлы
button-open-request = Открыть заявку
button-share-phone = Отправить мой номер
button-day =
    { $when ->
        [yesterday] Вчера, { $day }
        [today] Сегодня, { $day }
        [tomorrow] Завтра, { $day }
       *[other] { $weekday }, { $day }
    }
button-remove = Убрать файл…
button-back = Назад
button-cancel = Отмена
button-skip = Пропустить
button-done = Готово
button-edit = Изменить
button-submit-registration = Зарегистрировать
button-submit-request = Отправить
button-submit-password = Сохранить
button-submit-reset = Сохранить
button-submit-reading = Ввести
button-submit-upload = Ввести

## Меню

menu-guest =
    <b>Личный кабинет потребителя</b>

    Здесь вы подаёте заявки в сетевую компанию и следите за их рассмотрением, передаёте показания счётчиков и смотрите данные АСКУЭ.

    Войдите или зарегистрируйтесь: это займёт две минуты.
menu-consumer =
    <b>Личный кабинет потребителя</b>
    { $name }

    Выберите раздел.
nothing-here =
    Сейчас я не жду сообщения. Выберите, что сделать.
message-unreadable = Это сообщение не удалось прочитать, оно не учтено. Отправьте его ещё раз обычным текстом, фото или файлом. Если не поможет, откройте меню: /menu
session-over =
    Вы не вошли в личный кабинет, или сеанс закончился.

    Войдите по email и паролю.
help =
    <b>Помощь</b>

    Бот компании { $company } принимает заявки и показания, хранит их и сообщает о рассмотрении.

    • Новый пользователь: «Регистрация», пароль придёт на email.
    • Заявка: «Заявки» → «Создание заявки». Номер и срок ответа придут сюда и на email.
    • Показания счётчика: «Показания» → «Ручной ввод». Там же прежние показания и график.
    • Данные автоматического учёта: «Показания» → «АСКУЭ», с идентификатором и паролем от компании.
    • Вопрос по заявке: ответьте на уведомление о ней или просто напишите сюда.
    • Ошиблись в ответе: «Назад» или «Изменить» перед отправкой.

    /menu – меню, /cancel – отменить начатое, /language – язык.

    Поддержка: { $phone }, { $email }
language-choose = На каком языке вам удобнее? / Which language do you prefer?
language-name = Русский
reply-keyboard-gone = Принято.
internal-error =
    Не получилось: у нас неполадка, мы о ней уже знаем. Ваши ответы сохранены.

    Повторите через минуту или откройте меню: /menu
update-failed =
    Не получилось: у нас неполадка, мы о ней уже знаем. Ваши ответы сохранены.

    Откройте меню (/menu) и повторите последнее действие.
update-took-too-long =
    Это заняло слишком много времени, и мы остановили последнее действие. Ваши ответы сохранены.

    Откройте меню (/menu) и повторите его. Если не получится снова, позвоните нам: телефон – в /help.
update-words-lost =
    Бот перезапустился раньше, чем прочитал ваше сообщение. Мы удалили его, чтобы пароль или код не остался в чате.

    Напишите ещё раз. Если вопроса на экране нет, откройте меню: /menu
update-overflow =
    Слишком много сообщений сразу: часть последних бот не принял.

    Дождитесь ответов на предыдущие и пришлите последние сообщения ещё раз.
outdated = Это окно устарело. Действующее – ниже.
secret-not-deleted = Telegram не дал удалить ваше сообщение с паролем. Удалите его сами, чтобы его никто не увидел.
file-unnamed = файл
numbered = № { $number }
photo = Фото

## Показания

readings =
    <b>Показания</b>

    Передайте показания счётчика или посмотрите переданные раньше. Чтобы специалист снял показания на месте, подайте заявку. Вопросы о счётчиках: { $phone }.
kwh = кВт·ч
kvarh = кварч
reading-reminder =
    <b>Показания за { $month } ещё не переданы</b>

    { $meters }

    { $window } Позже они учтутся за следующий месяц.

    Нажмите на счётчик и отправьте число с табло.
reading-reminder-more =
    и ещё { $count ->
        [one] { $count } счётчик
        [few] { $count } счётчика
       *[many] { $count } счётчиков
    }
reading-window = За { $month }: снять показания { $days }, передать до конца дня { $due }.
reading-month = Показания учтутся за { $month }.
reading-entry =
    <b>Ручной ввод показаний</b>

    Выберите счётчик. Если его здесь нет, нажмите «Другой счётчик».
meters =
    { $count ->
        [0]
            <b>Показаний пока нет</b>

            Нажмите «Ручной ввод», чтобы передать первые.
       *[other]
            <b>Ранее введенные показания</b>

            Выберите счётчик.
    }
meters-hidden =
    <b>Скрытые счётчики</b>

    Бот не предлагает их и не напоминает о них. Откройте счётчик, чтобы вернуть его.
meter-object-dwelling = Счётчик стоит в жилье: в доме или квартире.
meter-object-other = Счётчик стоит не в жилье.
meter-ratio = Коэффициент трансформации: { $ratio }
meter-hidden = Счётчик скрыт: бот не предлагает его и не напоминает о нём. Его показания сохранены.
history =
    <b>{ $meter }</b>
    { $period }{ $pages ->
        [1] { "" }
       *[other] { " " }· страница { $page } из { $pages }
    }
history-whole = за всё время
history-none = За это время показаний нет. Выберите другой период.
history-line = { $date }. { $values }. Расход: { $used }. Источник: { $source }. Отметки: { $marks }.
used-unknown = не посчитан
marks-none = нет
table-date = Дата
table-used = Расход
table-source = Источник
table-marks = Отметки
table-notes = Источник, отметки
sheet-readings = Показания
chart-title = Расход по месяцам, кВт·ч
chart-total = Расход за всё это время: { $value } кВт·ч
chart-month = { $month }: { $value } кВт·ч
source-bot = кабинет
source-file = файл
mark-replaced = замена
mark-rollover = через ноль
mark-confirmed = подтверждено
mark-amends = прежнее с ошибкой
mark-mistaken = с ошибкой
mark-late = после срока
mark-corrected = исправлено
askue-not-connected =
    <b>АСКУЭ</b>

    Удалённый доступ к показаниям пока не подключён. Показания можно передать через «Ручной ввод».
askue-waiting =
    <b>АСКУЭ</b>

    Запрашиваю показания. Обычно это секунды; ботом можно пользоваться дальше.
askue-patience = Система ещё отвечает. Данные появятся здесь сами.
askue-cancelled = Запрос отменён. Данные не получены.
askue-credentials-gone = Идентификатор и пароль хранятся только несколько минут и уже забыты. Введите их снова.
askue-forgotten = Эти данные больше не хранятся. Получите их снова.
askue-failed-refused = Идентификатор или пароль не подошли. Проверьте раскладку и регистр и введите их снова. Если не помогло, обратитесь в компанию.
askue-failed-busy = Система АСКУЭ просит подождать: слишком много запросов. Попробуйте через несколько минут.
askue-failed-down = Система АСКУЭ сейчас недоступна. Попробуйте позже; показания можно передать через «Ручной ввод».
askue-failed-slow = Система АСКУЭ не ответила вовремя. Попробуйте позже; показания можно передать через «Ручной ввод».
askue-failed-strange = Из ответа системы АСКУЭ не удалось прочитать данные. Попробуйте позже; если повторится, сообщите в поддержку.
askue-table =
    <b>АСКУЭ</b> · { $count ->
        [one] { $count } счётчик
        [few] { $count } счётчика
       *[many] { $count } счётчиков
    }{ $pages ->
        [1] { "" }
       *[other] { " " }· страница { $page } из { $pages }
    }
    Активная энергия – { $active }, реактивная – { $reactive }
askue-object = Объект
askue-meter = Прибор учёта
askue-active-import = Активная (приём)
askue-active-export = Активная (отдача)
askue-reactive-import = Реактивная (приём)
askue-reactive-export = Реактивная (отдача)
askue-received = Дата и время
askue-day = Энергия за сутки { $day }
askue-gaps =
    { $count ->
        [one] { $count } получас без достоверных данных не вошёл в сумму
        [few] { $count } получаса без достоверных данных не вошли в сумму
       *[many] { $count } получасов без достоверных данных не вошли в сумму
    }
askue-stale = Данные устарели
askue-doubtful = Часть значений пришла с ошибкой и не показана
layouts =
    <b>Вид таблиц</b>

    • Столбцами: ровные колонки, видны везде.
    • Строками: предложения, удобные для программы чтения с экрана.
    • Таблицей Telegram: красивее, но некоторые версии Telegram вместо неё показывают пустое место. Сначала появится образец.
layout-text = Столбцами
layout-lines = Строками
layout-rich = Таблицей Telegram
layout-sample = Образец: под этой строкой должна быть таблица.
reading-before = Прежнее показание: <b>{ $value }</b> от { $date }
reading-today = Сегодня уже введено: <b>{ $value }</b>. Новое показание заменит его.
reading-photo = Сюда же можно прислать фото табло.
reading-last = <b>Прежние показания</b> от { $date }
reading-used = Расход: <b>{ $value } кВт·ч</b>
reading-ratio = Учтён коэффициент трансформации: { $ratio }
reading-no-difference = Расход пока не посчитать: сравнить не с чем.
reading-corrects = <b>Сегодня показания уже введены.</b> Новые заменят их, эти останутся в истории
reading-replaced = <b>Заменены показания</b>, введённые раньше в тот же день
reading-late = Срок передачи прошёл. Показания будут приняты с отметкой «после срока» и учтутся за { $month }.
reading-submitted =
    Показания приняты: <b>№ { $number }</b>, { $time }
    { $meter }
reading-mark-replaced = Отметка: счётчик заменён.
reading-mark-rollover = Отметка: счётчик прошёл через ноль.
reading-mark-confirmed = Отметка: большой расход подтверждён.
reading-mark-amends = Отметка: прежнее показание было с ошибкой.
reading-mark-mistaken = Отметка: показание было с ошибкой.
reading-mark-late = Отметка: после срока.
reading-mark-corrected = Отметка: исправлено, действует более новое показание этого дня.

## Вход и регистрация

consent =
    Согласие на обработку персональных данных (версия { $version })

    Даю согласие оператору персональных данных ({ $company }, ИНН { $inn }, { $address }) на обработку моих персональных данных: фамилии, имени, отчества или названия организации, адреса электронной почты, телефона, идентификатора в Telegram, адресов, ИНН, ОГРН и СНИЛС, если я их укажу, показаний счётчиков, сведений и документов в заявках и сообщениях.

    Действия: сбор, запись, хранение, уточнение, использование и удаление, с помощью средств автоматизации и без них. Канал обмена – мессенджер Telegram: через него проходят мои сообщения, файлы и ответы на них.

    Цель: ведение личного кабинета, рассмотрение заявок и ответы на них. Согласие действует, пока существует личный кабинет. Отозвать его можно в любой момент: «Профиль» → «Удалить аккаунт», или письмом на { $email } либо по адресу оператора.

    Политика обработки персональных данных: { $policy }
consent-needed = Без согласия на обработку персональных данных личный кабинет открыть нельзя.
consent-refused =
    Без согласия на обработку персональных данных личный кабинет открыть нельзя. О вас ничего не сохранено.

    Подать заявку можно и без кабинета: { $phone }, { $email }.
registered =
    Готово. Отправляем письмо с паролем на <b>{ $email }</b>.

    Войдите с этим email и паролем из письма. Если письма нет через пять минут, загляните в «Спам».
registered-again =
    Отправляем письмо с паролем на <b>{ $email }</b> ещё раз. Пароль из прежнего письма больше не действует.

    Письма нет через пять минут? Загляните в «Спам» и проверьте email: ошибку можно исправить кнопкой.
registration-kept = Прежние ответы сохранены. Напишите правильный email.
suggest-password =
    Вы вошли: { $name }

    Пароль из письма временный. Лучше сразу заменить его своим.
reset-asked =
    Просьба передана в поддержку. Если есть кабинет с email { $email }, на него вышлют новый пароль.

    Проверьте email и папку «Спам». Если код всё же придёт, введите его: он действует 15 минут.
password-saved = Новый пароль сохранён, вы вошли в личный кабинет. В других чатах выполнен выход.
logged-out = Вы вышли из личного кабинета.
logged-out-elsewhere = Пароль от вашего личного кабинета изменён, поэтому здесь вы вышли из него. Если пароль меняли не вы, сразу обратитесь в поддержку. Войти снова: /menu
logged-out-by-owner = Владелец личного кабинета завершил вход в этом чате. Войти снова: /menu

## Профиль

profile =
    <b>Профиль</b>

    { $category }
    { $name }
    Email: { $email }
    Телефон: { $phone }
    Кабинет открыт { $since }
    Ответы: { $channel }
contact-asked =
    <b>Что изменить?</b>

    Имя и телефон изменятся сразу, новый email – после кода из письма. Специалисты увидят новые данные во всех открытых заявках.
contact-changed = ✅ Данные изменены.
sessions =
    <b>Где выполнен вход</b>

    Если какой-то вход не ваш, нажмите «Выйти там» и сразу смените пароль.
session =
    { $number }. { $where ->
        [here] <b>{ $name }</b> (этот чат)
       *[elsewhere] <b>{ $name }</b>
    }
    Вход: { $since }
    Последнее сообщение: { $seen }
session-browser =
    { $number }. <b>{ $name }</b>, на сайте
    Вход: { $since }
    Последняя страница: { $seen }
password-changed =
    Пароль изменён. В других чатах из кабинета выполнен выход.

scan-infected =
    Файл «{ $name }» к заявке № { $number } не передан специалистам: антивирус нашёл в нём угрозу, и файл удалён. Сама заявка рассматривается.

    Проверьте своё устройство. Если файл нужен, пришлите другой: «Заявки» → заявка → «Дополнить».
card-scan-infected = Скан «{ $name }» не передан: антивирус нашёл в нём угрозу. Файл удалён, потребителю сообщено.
export-ordered =
    Собираем архив: всё, что мы храним о вас, и ваши сканы. Он придёт сюда документом.

    Архив можно получить раз в час. Храните его так же бережно, как паспорт.
export-caption = Ваши данные: «Мои данные.html» для чтения, data.json для программ, папка scans. Открывается любым архиватором.
deletion =
    <b>Удаление аккаунта</b>

    Вы закрываете личный кабинет и отзываете согласие на обработку персональных данных. Сразу и навсегда удаляются ваше имя, email, телефон, пароль, сканы, показания, переписка и черновики. Открытые заявки отзываются.

    Номера, даты и статусы заявок остаются без имени и текста на срок, который требует закон.

    Сначала можно забрать копию: «Профиль» → «Мои данные».
deleted =
    Личный кабинет удалён, согласие отозвано. В других чатах из него выполнен выход.

    Зарегистрироваться снова можно в любой момент: /start
erased-elsewhere = Личный кабинет, открытый здесь, удалён его владельцем. Начать заново: /start
card-erased =
    Потребитель удалил личный кабинет и отозвал согласие на обработку персональных данных. Заявка № { $number } закрыта, её карточка и сканы очищены.{ $stay ->
        [0] { "" }
        [one] { " " }Одно сообщение бот удалить не может: удалите его под карточкой сами.
        [few] { " " }{ $stay } сообщения бот удалить не может: удалите их под карточкой сами.
       *[many] { " " }{ $stay } сообщений бот удалить не может: удалите их под карточкой сами.
    }

## Мои данные

my-data = Мои данные
my-data-category = Категория
my-data-name = Имя или название
my-data-email = Email
my-data-phone = Телефон
my-data-former-name = Прежнее имя или название
my-data-former-email = Прежний email
my-data-former-phone = Прежний телефон
my-data-language = Язык
my-data-since = Кабинет открыт
my-data-answers = Способ ответа
my-data-telegram = Telegram, номер чата
my-data-requests = Заявки
my-data-status = Статус
my-data-registered = Зарегистрирована
my-data-due = Ответ до
my-data-rating = Оценка
my-data-history = История
my-data-messages = Переписка
my-data-scans = Сканы
my-data-documents = Документы от компании
my-data-drafts = Незаконченные формы
my-data-readings = Счётчики и показания
my-data-consents = Согласия
my-data-audit = Кто обращался к данным
my-data-by-consumer = вы
my-data-by-staff = специалист
my-data-by-system = автоматически
my-data-action-find = список по поиску
my-data-action-my = список взятых заявок
my-data-action-overdue = список просроченных заявок
my-data-action-show = открытие карточки
my-data-action-photos = просмотр фото счётчика
my-data-action-wrote = сообщение вам
my-data-action-reset = сброс пароля
my-data-action-contact = изменение имени, телефона или email
my-data-action-export = запрос этих данных
my-data-action-rated = оценка ответа

## Заявки

status-registered = Зарегистрирована
status-in_work = В работе
status-clarification = Требует уточнения
status-done = Выполнена
status-rejected = Отклонена
status-withdrawn = Отозвана
status-annulled = Аннулирована
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
    Отозвать заявку № { $number }?

    Рассмотрение прекратится. Подать новую можно в любое время.
request-dispute-sure =
    Вернуть заявку № { $number } на рассмотрение?

    Вы сможете написать, с чем не согласны.
request-disputed =
    Заявка № { $number } снова рассматривается.

    Напишите, с чем вы не согласны, или приложите документы: сообщение получат специалисты.
request-dispute-late = После закрытия заявки прошло больше 10 дней. Если вопрос не решён, подайте новую: «Заявки» → «Создание заявки».
request-overtaken = Статус заявки уже изменился. Откройте её, чтобы увидеть нынешний.
request-rated = Спасибо! Оценка по заявке № { $number } записана.
request-rated-low = Спасибо за оценку заявки № { $number }. Жаль, что мы не справились. Что было не так? Напишите это следующим сообщением, его прочтёт специалист.
request-rated-before = Оценка по заявке № { $number } уже есть, второй раз поставить её нельзя.
request-talk =
    <b>Заявка № { $number }</b>
    Напишите сообщение или приложите файлы: их сразу получат специалисты.

    Например: прикладываю недостающую страницу договора.
request-talk-taken = Передано специалистам по заявке № { $number }. Можно написать ещё или нажать «Готово».
request-talk-answered =
    Ответ по заявке № { $number } передан специалистам, она снова в работе. Наш ответ ожидайте до { $due }.

    Можно написать ещё или нажать «Готово».
late-files =
    { $count ->
        [one] Этот файл пришёл
       *[other] Эти файлы пришли
    } после кнопки «Готово», и к заявке { $count ->
        [one] он не приложен
       *[other] они не приложены
    }:
    { $names }

    Приложить?
button-attach-late = Приложить к заявке
button-leave-late = Не прикладывать
loose-messages =
    { $requests ->
        [0] Сейчас я не жду сообщения, но с ним можно начать новую заявку:
        [1] Сейчас я не жду сообщения. Передать по заявке № { $number }?
       *[other] Сейчас я не жду сообщения. Передать по заявке? Выберите, по какой.
    }
    { $messages }
button-pass = { $type } · № { $number }
button-leave-messages = Не передавать
button-emergency = 🚨 Сообщить об опасности
button-attach-loose = { $count ->
        [one] Приложить присланный файл
        [few] Приложить { $count } присланных файла
       *[many] Приложить { $count } присланных файлов
    }
emergency-call =
    🚨 <b>Если нет света или случилась авария, сразу звоните { $phone }: так быстрее всего.</b>
    Если оборван провод, искрит или дымит, звоните ещё и 112. Не подходите ближе 8 метров и не подпускайте других.
request-from-messages = Ваши слова стоят в тексте заявки, их можно изменить перед отправкой.
request-from-long-messages = Начало ваших слов стоит в тексте заявки, целиком они в него не вошли: место обрыва отмечено. Конец можно дослать после отправки кнопкой «Дополнить».
request-reply-taken = Передано специалистам по заявке № { $number }.
email-bounced =
    <b>Письма вам не доходят</b>
    Почтовый сервер отказался доставить письмо на { $email }: возможно, адрес изменился или ящик переполнен.

    Проверьте email: «Профиль» → «Изменить данные». Всё, о чём мы пишем письмом по заявкам, есть и здесь, в боте.
registration-refused =
    <b>Письмо с паролем не принято</b>
    Почтовый сервер отказался доставить его на указанный email, поэтому кабинет не создан.

    Нажмите «Исправить email» и напишите адрес без ошибки или другой.
edit-not-relayed = Исправление не передано специалистам: вы вышли из личного кабинета, из которого писали. Войдите и напишите сообщение заново: /menu
request-talk-kind = Специалистам можно передать текст, фото или файл. Отправьте одно из них или нажмите «Готово».
loose-kind = Специалистам можно передать текст, фото или файл. Отправьте одно из них или выберите, что сделать.
request-talk-long = Слишком длинно для одного сообщения. Разделите текст и отправьте частями.
request-copied = Ответы прежней заявки перенесены. Сканы приложите снова. Проверьте и отправьте.
notice-registered =
    ↩️ Заявка <b>№ { $number }</b> снова рассматривается.
    { $type }

    Ответ ожидайте до <b>{ $due }</b>.
notice-in_work =
    🔧 Заявка <b>№ { $number }</b> взята в работу.
    { $type }
notice-answered =
    🔧 Ваш ответ по заявке <b>№ { $number }</b> получен, она снова в работе.
    { $type }

    Наш ответ ожидайте до <b>{ $due }</b>.
notice-clarification =
    ❓ По заявке <b>№ { $number }</b> нужно уточнение.
    { $type }

    Ответьте кнопкой ниже. Срок рассмотрения приостановлен до вашего ответа.
notice-done =
    ✅ Заявка <b>№ { $number }</b> выполнена.
    { $type }

    Оцените, как мы справились. Если вопрос не решён, нажмите «Не согласен» в течение 10 дней.
notice-rejected =
    ⛔ Заявка <b>№ { $number }</b> отклонена.
    { $type }

    Можно исправить её и подать заново. Если вы не согласны, нажмите «Не согласен» в течение 10 дней.
notice-withdrawn =
    ↩️ Заявка <b>№ { $number }</b> отозвана.
    { $type }
notice-annulled =
    🚫 Заявка <b>№ { $number }</b> аннулирована: мы не получили ответа на уточнение.
    { $type }

    Её можно исправить и подать заново: ответы сохранены.
clarification-reminder =
    ⏳ По заявке <b>№ { $number }</b> мы ждём вашего ответа на уточнение.
    { $type }

    Ответьте до <b>{ $answer_by }</b>, иначе заявка будет аннулирована.
request-answer-by = ❗ Ответьте на уточнение до <b>{ $answer_by }</b>, иначе заявка будет аннулирована.
notice-words-annulled = Пояснение
notice-words-registered = Пояснение
notice-words-in_work = Пояснение
notice-words-clarification = Вопрос специалиста
notice-words-done = Что сделано
notice-words-rejected = Причина
notice-words-withdrawn = Пояснение
talk-from-staff = Заявка № { $number }, сообщение специалиста

requests =
    <b>Заявки</b>{ $pages ->
        [1] { "" }
       *[other] { " " }· страница { $page } из { $pages }
    }
requests-none =
    <b>Заявки</b>

    Заявок пока нет. Нажмите «Создание заявки».
request-line =
    <b>№ { $number }</b> от { $date }
    { $type } · { $status }
request-types =
    <b>Создание заявки</b>

    О чём заявка?
request-registered =
    Заявка зарегистрирована: <b>№ { $number }</b>
    { $type }

    Ответ ожидайте до <b>{ $due }</b>.
    { $scans ->
        [0] Сканы не приложены.
        [one] Приложен { $scans } файл.
        [few] Приложено { $scans } файла.
       *[many] Приложено { $scans } файлов.
    } Письмо с номером отправляем на { $email }.
    { $emergency ->
        [true]
            { "" }
            ⚠️ Вы сообщили об опасности. Не подходите к оборванным проводам ближе 8 метров и звоните 112 или { $phone }.

            Остальное можно дослать кнопкой «Дополнить».
       *[false] { "" }
    }
request =
    <b>Заявка № { $number }</b>
    { $type }

    Статус: <b>{ $status }</b>
    Зарегистрирована: { $registered }
request-due = Ответ до: { $due }
request-messages = Переписка
request-message-by-consumer = вы
request-message-by-staff = специалист
request-files = Файлы по заявке № { $number }. Выберите, какой открыть.
request-file-gone = Этот файл больше не хранится или не прошёл проверку.
request-file-unchecked = Файл ещё проверяется на вирусы. Откройте его позже.
request-text = Текст заявки
request-scans = Сканы: { $count ->
        [0] нет
        [one] { $count } файл
        [few] { $count } файла
       *[many] { $count } файлов
    }
request-documents = Документы от компании
request-without-text = Отправлено срочно, без описания.
request-history = История
emergency-warning =
    🚨 <b>Это опасно для жизни. Сразу позвоните 112 или { $phone }.</b>
    Не подходите к проводу ближе 8 метров и не подпускайте других.

    Заявку можно отправить сейчас, остальное дополнить потом.
answer-channel-asked = Как вам удобнее получать ответы на заявки?
answer-channel-telegram = Telegram
answer-channel-email = Email
answer-channel-paper = На бумаге
answer-channel-none = не выбрано
answer-channel-set =
    Записано: { $channel }.

    Уведомления о статусе по-прежнему приходят сюда и на email. Изменить способ ответа: «Профиль» → «Способ ответа».
request-unknown =
    Такой заявки среди ваших нет. Откройте список заявок.

## Карточки группы поддержки

card =
    { $emergency ->
        [true] ⚠️ <b>ОПАСНОСТЬ. Заявка № { $number }</b>
       *[false] <b>Заявка № { $number }</b>
    }
    { $type }

    Статус: <b>{ $status }</b>{ $by }
    Зарегистрирована: { $registered }
    Ответ до: <b>{ $due }</b>{ $left }
card-rating = Оценка потребителя: { $rating }
card-applicant =
    <b>{ $category }</b>
    { $name }
    { $phone }
    { $email }
card-scan = № { $number } · { $name }
card-left =
    { $days ->
        [0] срок сегодня ({ $today })
        [one] остался { $days } день (на { $today })
        [few] осталось { $days } дня (на { $today })
       *[many] осталось { $days } дней (на { $today })
    }
card-overdue =
    ⚠️ просрочено на { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    } (на { $today })
card-clock-stopped = срок приостановлен: ждём ответа потребителя
card-answer-by = срок приостановлен: ждём ответа потребителя до { $answer_by }, потом заявка аннулируется
card-from-site = Подана на сайте: ответы потребитель читает там и в письмах
card-answered = 💬 <b>Потребитель ответил на уточнение</b>
card-required-papers = Обязательные документы:
card-answer-channel = Ответ: { $channel }
card-topic = { $mark } № { $number } · { $type } · { $name }{ $assignee }
card-backlog =
    В очереди { $count ->
        [one] { $count } заявка
        [few] { $count } заявки
       *[many] { $count } заявок
    }. Telegram принимает не больше 20 сообщений в минуту, карточки придут по порядку регистрации.
actor-consumer = потребитель
actor-system = автоматически
talk-from-consumer = № { $number } · { $name }
talk-not-delivered = Потребитель не получил это в Telegram: он пользуется сайтом, вышел или заблокировал бота. Сообщение отправлено письмом на { $email }.
talk-erased = Потребитель по заявке № { $number } удалил личный кабинет: передать некому, писем на его адрес больше не уходит.
talk-in-refused = Файл «{ $name }» от потребителя не передан: антивирус нашёл в нём угрозу. Потребителю сообщено.
talk-refused =
    Файл «{ $name }» потребителю не передан: { $reason ->
        [file-empty] он пуст. Проверьте его и отправьте снова.
        [file-too-big] он больше 20 МБ, такие боту не проверить и не отправить письмом. Уменьшите его или разделите на части.
        [file-type] бот передаёт PDF, JPEG, PNG, TIFF, HEIC и документы Word, Excel, OpenDocument и RTF без макросов. Сохраните файл в одном из этих видов.
        [file-damaged] он не открывается. Проверьте его и сохраните заново.
        [file-locked] он закрыт паролем. Сохраните его без пароля.
        [file-hides-another] в нём спрятан файл другого вида. Сохраните документ в PDF заново.
        [file-runs-code] в нём есть сценарий или макрос. Сохраните документ без макросов или в PDF.
        [file-unfolds] при открытии он занял бы слишком много памяти. Сохраните его с меньшим разрешением.
        [file-too-complex] он устроен так сложно, что его не удалось проверить. Сохраните документ в PDF заново.
       *[file-infected] антивирус нашёл в нём угрозу. Проверьте свой компьютер.
    }
talk-email-bounced = Письмо по этой заявке не доставлено: почтовый сервер не принимает адрес потребителя. В его чатах об этом сказано, но важное сообщите и по телефону с карточки.
talk-given-up = Потребитель не получил это: ни Telegram, ни почта сообщение не приняли. Позвоните ему: { $phone }
talk-delivered = ✓ Передано потребителю.
desk-button-in_work = Взять в работу
desk-button-clarification = Запросить уточнение
desk-button-done = Выполнена
desk-button-rejected = Отклонить
desk-overtaken = № { $number } уже в статусе «{ $status }»: { $by }. Нажимать больше ничего не нужно.
desk-unknown-request = Такой заявки нет. Найдите нужную: /find номер
desk-not-member = Кнопки и ответы действуют только для участников группы поддержки.
desk-membership-unknown = Telegram не ответил, состоите ли вы в группе поддержки. Повторите через минуту.
desk-unreadable = Это сообщение не удалось прочитать, оно никому не передано. Отправьте его ещё раз обычным текстом, фото или файлом.
desk-outdated = Это окно устарело: кнопка больше ничего не делает. Откройте заявку заново: /find номер
desk-elsewhere = Эта кнопка действует только в группе поддержки.
desk-anonymous = Вы пишете от имени группы, поэтому неизвестно, кто действует. Отключите анонимность в правах администратора и повторите.
desk-admins-only = Это могут только администраторы: их список задан в настройке STAFF_ADMIN_IDS.
desk-heading-rejected = { $name }: почему отказ?
desk-ask-rejected =
    Почему заявка № { $number } отклоняется?
    Выберите причину или нажмите «Своими словами». Её получит потребитель.
desk-heading-clarification = { $name }: что уточнить?
desk-ask-clarification =
    Что уточнить по заявке № { $number }?
    Выберите вопрос или нажмите «Своими словами». Его получит потребитель.
desk-own-rejected = { $mention }, напишите ответом на это сообщение причину отказа по заявке № { $number }.
desk-own-rejected-placeholder = Например: объект не в нашей сети
desk-own-clarification = { $mention }, напишите ответом на это сообщение вопрос по заявке № { $number }.
desk-own-clarification-placeholder = Например: пришлите фото счётчика
desk-own-words = Своими словами
desk-words-needed = Нужны слова: напишите их текстом, ответом на то же сообщение.
desk-unknown-message = Потребителю ничего не отправлено. Чтобы написать ему, ответьте на карточку заявки или на сообщение потребителя.
desk-talk-kind = Потребителю можно передать текст, фото или файл. Отправьте одно из них ответом на карточку.
desk-reset = <b>Просят новый пароль</b>
    Убедитесь, что это сам потребитель. Пароль уйдёт только на его email. Кнопка действует 24 часа.
desk-reset-chat =
    Просит <a href="tg://user?id={ $id }">чат { $id }</a>: { $known ->
        [yes] из него в этот кабинет уже входили.
       *[no] из него в этот кабинет ещё не входили.
    }
desk-reset-browser =
    Просят на сайте: { $known ->
        [yes] из этого браузера в этот кабинет уже входили.
       *[no] из этого браузера в этот кабинет ещё не входили.
    }
desk-reset-by-staff = Просит специалист командой /reset.
desk-reset-expired =
    <b>Просьба о новом пароле устарела</b>
    Прошло больше 24 часов. Если она ещё нужна, отправьте /reset и email.
desk-reset-late = Карточке больше 24 часов, её кнопка не действует. Отправьте /reset и email.
desk-reset-button = Сбросить пароль
desk-reset-done = <b>Пароль сброшен</b>: { $name }, { $at }. Письмо с новым паролем отправляется, во всех чатах выполнен выход.
desk-reset-before = Пароль по этой карточке уже сброшен.
desk-reset-usage = Напишите email: /reset anna@example.ru
desk-reset-none = Кабинета с таким email нет. Проверьте его: /find email
desk-error = Не получилось: у нас неполадка, она записана в журнал. Повторите через минуту.
desk-erased = Сообщение очищено: потребитель удалил личный кабинет. Список можно запросить снова той же командой.
desk-page-lost = Команда, на которую это ответ, удалена. Повторите её.
desk-no-card = Карточки этой заявки в группе нет.
desk-no-photos = Этих фото больше нет.
desk-photo-withheld = Некоторые фото не показаны: их нет в хранилище или проверка на вирусы не пройдена.
desk-here = ⬆️ Карточка заявки
desk-line =
    { $mark } <b>№ { $number }</b> · { $type }
    { $status } · { $name } · до { $due }{ $left }{ $assignee }{ $late ->
        [true] { " " }⚠️
       *[false] { "" }
    }
desk-find = <b>Найдено</b>: <code>{ $words }</code> · страница { $page }
desk-find-start = Ответ содержит личные данные, поэтому приходит только вам в личный чат. Начните чат с ботом и повторите команду.
desk-find-start-button = Начать чат с ботом
desk-find-none = Ничего не найдено. Ищите по номеру заявки, email, телефону или номеру счётчика.
desk-find-no-requests = Заявок нет.
desk-find-readings = <b>Последние показания, кВт·ч</b>
desk-find-reading = № { $meter } · { $date } · { $values }{ $marks }
desk-find-usage = Что найти? Например: /find 2026-000123, /find anna@example.ru, /find +7 912 345-67-89, /find иванов мира
desk-my = <b>Ваши заявки</b> · страница { $page }
desk-my-none = Открытых заявок, взятых вами в работу, нет.
desk-overdue = <b>Просрочено</b> · страница { $page }
desk-overdue-none = Просроченных заявок нет.
desk-overdue-notice = ⚠️ <b>Просрочено: { $count }</b>
desk-soon-notice = ⏰ <b>Срок подходит: { $count }</b>
desk-digest = <b>Сводка на { $date }</b>
desk-stats = <b>Статистика</b>
desk-stats-open = Открыто: { $total }, из них просрочено: { $overdue }
desk-stats-line = • { $type }: { $total } (до 3 дней: { $first }, 4–10 дней: { $second }, дольше: { $third })
desk-stats-closed =
    Закрыто за { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }: { $closed }
desk-stats-answers = До ответа (медиана): { $hours } ч. С опозданием: { $late }
desk-stats-usage = Напишите, за сколько дней нужны цифры, от 1 до 999. Например: /stats 7
desk-stats-members =
    <b>По специалистам за { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }</b>
desk-stats-member = • { $name }: в работе { $open }, { $figures }
desk-stats-group = взято { $taken }, закрыто { $closed }, с опозданием { $late }
desk-stats-hours = до ответа { $hours } ч
desk-stats-rating = оценка { $rating }
desk-stats-types =
    <b>По видам заявок за { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }</b>
desk-stats-type = • { $type }: { $figures }
desk-weekly = <b>Итоги недели по { $date }</b>
desk-weekly-chart = Заявки за неделю по специалистам
desk-weekly-in-time = закрыто в срок
desk-weekly-late = закрыто с опозданием
desk-weekly-open = сейчас в работе
desk-chart = Открытые заявки по возрасту
desk-age-0 = до 3 дней
desk-age-1 = 4–10 дней
desk-age-2 = больше 10 дней
desk-export-usage = Укажите даты через точку. Например: /export 01.11.2026 30.11.2026 или /export показания 01.11.2026 30.11.2026
desk-export-begun = Файл готовится и придёт сюда.
desk-export-sheet = Заявки
desk-export-requests = Заявки с { $first } по { $last }
desk-export-readings = Показания с { $first } по { $last }
desk-column-number = Номер
desk-column-type = Тип
desk-column-status = Статус
desk-column-name = Потребитель
desk-column-email = Email
desk-column-phone = Телефон
desk-column-registered = Зарегистрирована
desk-column-due = Ответ до
desk-column-closed = Закрыта
desk-column-assignee = Отвечает
desk-column-rating = Оценка
desk-column-text = Текст
staff-help =
    Сюда приходят заявки потребителей: карточка, под ней сканы. Статус меняется кнопками. Ответ на карточку или на сообщение потребителя уходит потребителю, всё остальное остаётся между вами.

    /new – никем не взятые
    /open – открытые: по типу, статусу или /open @имя
    /find – найти по номеру, email, телефону, счётчику
    /my – взятые вами заявки
    /overdue – просроченные
    /shift on, /shift off – начало и конец смены
    /stats – статистика
    /export – заявки или показания за период, XLSX
    /reset адрес – новый пароль потребителю

## Стол: кто отвечает по заявке

card-assignee = Отвечает: <b>{ $name }</b>
card-handed-over = 👤 Вам передана заявка № { $number }. Её карточка – в группе поддержки.
card-note-handed_over = 👤 { $mention }вам передана заявка № { $number }.
card-note-disputed = ❗ { $mention }потребитель не согласен с ответом по заявке № { $number }. Она снова ждёт рассмотрения.
card-note-withdrawn = ↩️ { $mention }потребитель отозвал заявку № { $number }. Отвечать больше не нужно.
card-note-rated = { $mention }потребитель оценил ответ по заявке № { $number }: { $stars }. Мы спросили, что не так: его слова придут ответом на карточку.
desk-assign-take = Взять в работу
desk-assign-members = Передать…
desk-assign-give_back = Вернуть в очередь
desk-assigned = По заявке № { $number } уже отвечает { $name }.
desk-heading-first = Отвечает { $assignee }. { $name }, продолжить?
desk-ask-first =
    По заявке № { $number } отвечает { $assignee }.
    Всё равно продолжить?
desk-ask-members = Кому передать заявку № { $number }?
desk-ask-first-yes = Да, продолжить
desk-buttons = № { $number } ▾
desk-member =
    { $duty ->
        [yes] 🟢 { $name }
       *[no] { $name }
    }
desk-member-gone = Этого участника нет в группе. Выберите другого.
desk-member-left = 👋 { $name } больше не в группе. Эти заявки вернулись в очередь: { $numbers }
desk-question-closed = Вопрос закрыт: всё, что сделано, стоит на карточке.
desk-question-of-another = Вопрос задан другому участнику. Нажмите «Назад» под вопросом, потом свою кнопку на карточке заявки.
desk-shift = На смене: { $names }
desk-shift-usage = Напишите /shift on в начале смены и /shift off в конце.
desk-shift-end =
    { $name }, смена окончена. За вами { $count ->
        [one] { $count } открытая заявка
        [few] { $count } открытые заявки
       *[many] { $count } открытых заявок
    }. Что с ними сделать?
desk-shift-rest =
    { $name }, за вами { $count ->
        [one] осталась { $count } открытая заявка: её группы
        [few] остались { $count } открытые заявки: их групп
       *[many] осталось { $count } открытых заявок: их групп
    } выбранный участник не видит. Что с { $count ->
        [one] ней
       *[other] ними
    } сделать?
desk-shift-give_back = Вернуть в очередь
desk-shift-members = Передать…
desk-shift-keep = Оставить за мной
desk-shift-given-back = { $name }: в очередь возвращено заявок: { $count }
desk-shift-given = { $mention }, { $name } передаёт вам заявки: { $count }. Список: /my
command-staff-shift = Начать или закончить смену

## Стол: слова потребителю и отмена

notice-reopened =
    🔧 Заявка <b>№ { $number }</b> снова в работе.
    { $type }

    Новый срок ответа: { $due }.
desk-heading-done = { $name }: что сделано?
desk-ask-done =
    Что сделано по заявке № { $number }?
    Выберите результат или нажмите «Своими словами», чтобы написать и приложить файлы. Его получит потребитель.
desk-own-done = { $mention }, напишите ответом на это сообщение, что сделано по заявке № { $number }. Можно приложить файлы.
desk-own-done-placeholder = Например: счётчик заменён, акт у вас
desk-ask-reply =
    { $name }, что ответить по заявке № { $number }?
    Свои слова отправьте ответом на карточку.
desk-button-replies = Готовый ответ
desk-button-reopen = Вернуть в работу
desk-reopening-late = Вернуть в работу можно за 10 дней после закрытия, они прошли. Попросите потребителя подать новую заявку.
desk-undo = ↩ Отменить
card-undo = ⏳ Потребитель узнает об этом через { $seconds } с. Ошиблись – нажмите «↩ Отменить».
desk-undo-reply = Потребитель по заявке № { $number } получит через { $seconds } с:
desk-undo-reset = <b>Пароль будет сброшен</b> через { $seconds } с: { $name }.
desk-undo-late = Отменить уже нельзя: потребитель это получил или получает. Закрытую заявку можно вернуть в работу кнопкой на карточке.
desk-undone = Отменено. № { $number } снова в статусе «{ $status }», потребитель ничего не получил.
desk-reply-undone = Отменено, потребитель ничего не получил.
desk-reset-undone = Сброс пароля отменён. Если он всё же нужен, отправьте /reset и email.

## Письма

letter-greeting = Здравствуйте, { $name }!
letter-greeting-neutral = Здравствуйте!
letter-next = Что дальше
letter-open-site = Открыть кабинет на сайте
letter-open-request-site = Открыть на сайте
letter-open-request = Открыть заявку
letter-open-bot = Открыть личный кабинет
letter-specialist = Сообщение специалиста
letter-files-omitted = Файл слишком велик для почтового сервера, поэтому письмо пришло без него. Он есть в личном кабинете: «Заявки», затем эта заявка.
letter-attached =
    { $count ->
        [one] К письму приложен { $count } файл.
        [few] К письму приложено { $count } файла.
       *[many] К письму приложено { $count } файлов.
    }
letter-receipt = Квитанция о регистрации приложена к письму.
letter-scans =
    { $count ->
        [0] не приложены
        [one] { $count } файл
        [few] { $count } файла
       *[many] { $count } файлов
    }
letter-fact-number = Номер
letter-fact-type = Тип
letter-fact-status = Статус
letter-fact-registered = Зарегистрирована
letter-fact-at = Дата и время
letter-fact-due = Ответ до
letter-fact-scans = Сканы
letter-farewell =
    С уважением,
    { $company }
letter-footnote = Поддержка: { $phone }, { $support }. На это письмо отвечать не нужно.

letter-password-subject = Пароль от личного кабинета. { $company }
letter-password =
    Для вас открыт личный кабинет потребителя. Логин – ваш email ({ $email }), пароль:

        { $password }

    Если вы не регистрировались, ничего не делайте и сообщите об этом в поддержку.
letter-password-next = Войдите и замените пароль своим: «Профиль» → «Сменить пароль». Пароль из письма нужно использовать за 72 часа, потом он перестанет действовать; новый можно получить так: «Забыли пароль?».
letter-taken-subject = Попытка регистрации с вашим email. { $company }
letter-taken = Кто-то, возможно вы, попробовал открыть личный кабинет на email { $email }. У вас уже есть кабинет с этим email, новый не открыт, пароль прежний.
letter-taken-next = Если вы забыли пароль, нажмите «Забыли пароль?». Если это были не вы, ничего делать не нужно.
letter-reset-subject = Новый пароль от личного кабинета. { $company }
letter-reset =
    По вашей просьбе пароль от личного кабинета сброшен, во всех чатах выполнен выход. Логин – ваш email ({ $email }), новый пароль:

        { $password }

    Если вы об этом не просили, сразу сообщите в поддержку.
letter-reset-next = Войдите и замените пароль своим: «Профиль» → «Сменить пароль». Пароль из письма нужно использовать за 72 часа, потом он перестанет действовать; новый можно получить так: «Забыли пароль?».
letter-code-password-reset-subject = Код для нового пароля. { $company }
letter-code-password-reset =
    Код, чтобы задать новый пароль от личного кабинета:

        { $code }

    Никому его не сообщайте: специалисты его не спрашивают. Если вы не просили код, ничего не делайте: без него пароль не изменить.
letter-code-password-reset-next = Введите код там, где его запросили. Он действует до { $until }.
letter-code-login-subject = Код для входа в личный кабинет. { $company }
letter-code-login =
    Код, чтобы войти в личный кабинет из нового чата:

        { $code }

    Никому его не сообщайте: специалисты его не спрашивают. Если это были не вы, ваш пароль знает кто-то другой: сразу смените его: «Профиль» → «Сменить пароль» или «Забыли пароль?».
letter-code-login-next = Введите код там, где его запросили. Он действует до { $until }.
letter-code-email-change-subject = Код для нового email. { $company }
letter-code-email-change =
    Код, чтобы этот email ({ $email }) стал логином личного кабинета:

        { $code }

    Никому его не сообщайте: специалисты его не спрашивают. Если вы не просили код, ничего не делайте: без него ничего не изменится.
letter-code-email-change-next = Введите код там, где его запросили. Он действует до { $until }.
letter-email-changed-subject = Email личного кабинета изменён. { $company }
letter-email-changed = Email вашего личного кабинета изменён: письма больше не будут приходить на этот адрес, и войти с ним нельзя.
letter-email-changed-next = Если email меняли вы, ничего делать не нужно. Если нет, сейчас же сообщите в поддержку.
letter-new-chat-subject = Вход в личный кабинет из нового чата. { $company }
letter-new-chat = { $at } в ваш личный кабинет вошли из аккаунта Telegram, из которого раньше не входили. Его номер: { $chat }.
letter-new-chat-next = Если это были вы, ничего делать не нужно. Если нет, сейчас же откройте кабинет: «Профиль» → «Где выполнен вход» → «Выйти там», затем смените пароль.
letter-new-browser-subject = Вход в личный кабинет из нового браузера. { $company }
letter-new-browser = { $at } в ваш личный кабинет на сайте вошли из браузера, из которого раньше не входили: { $browser }.
letter-new-browser-next = Если это были вы, ничего делать не нужно. Если нет, сейчас же откройте кабинет: «Профиль» → «Где выполнен вход» → «Выйти там», затем смените пароль.
letter-password-changed-subject = Пароль от личного кабинета изменён. { $company }
letter-password-changed = { $at } пароль от вашего личного кабинета изменён. В других чатах выполнен выход.
letter-password-changed-next = Если пароль меняли вы, ничего делать не нужно. Если нет, сейчас же нажмите «Забыли пароль?», задайте новый и сообщите в поддержку.
letter-failed-logins-subject = Неверные пароли от личного кабинета. { $company }
letter-failed-logins = К вашему личному кабинету несколько раз подряд ввели неверный пароль, последний раз { $at }. Кабинет не заблокирован: в чатах, где вы уже входили, всё работает как обычно. Для входа из нового чата кроме пароля нужен код, который придёт на этот email.
letter-failed-logins-next = Если пароль вводили вы и забыли его, нажмите «Забыли пароль?». Если не вы, проверьте, что пароль надёжный и больше нигде не используется.

letter-registered-subject = Заявка № { $number } зарегистрирована. { $company }
letter-registered = Ваша заявка зарегистрирована.
letter-registered-next =
    Специалист рассмотрит заявку. Ответ ожидайте до { $due }: { $channel ->
        [web] он придёт на этот email, а если вы вошли в Telegram, то и туда
       *[telegram] он придёт в Telegram и на этот email
    }. Статус виден в разделе «Заявки».
letter-status-subject = Заявка № { $number }: { $status }. { $company }
letter-status = Статус вашей заявки изменился.
letter-status-next-registered = Заявка снова рассматривается. Ответ ожидайте до { $due }.
letter-status-next-in_work = Специалист рассматривает заявку. Ответ ожидайте до { $due }.
letter-status-next-answered = Ваш ответ на уточнение получен, рассмотрение продолжается. Наш ответ ожидайте до { $due }.
letter-status-next-clarification =
    { $answer_by ->
        [none] Ответьте на вопрос специалиста: откройте заявку и нажмите «Дополнить». Срок рассмотрения приостановлен до вашего ответа.
       *[other] Ответьте на вопрос специалиста до { $answer_by }, иначе заявка будет аннулирована: откройте её и нажмите «Дополнить». Срок рассмотрения приостановлен до вашего ответа.
    }
letter-status-next-done = Оцените, как мы справились. Если вопрос не решён, до { $until } откройте заявку и нажмите «Не согласен».
letter-status-next-rejected = Заявку можно исправить и подать заново. Если вы не согласны, до { $until } откройте её и нажмите «Не согласен».
letter-status-next-withdrawn = Рассмотрение прекращено, ничего делать не нужно. Подать новую заявку можно в любое время.
letter-status-next-annulled = Мы не получили ответа на уточнение в срок, поэтому заявка аннулирована. Её можно исправить и подать заново в любое время: ответы сохранены.
letter-clarification-reminder-subject = Заявка № { $number }: ответьте до { $answer_by }. { $company }
letter-clarification-reminder = По вашей заявке № { $number } мы ждём вашего ответа на уточнение.
letter-clarification-reminder-next = Ответьте до { $answer_by }, иначе заявка будет аннулирована: откройте её и нажмите «Дополнить».
letter-message-subject = Сообщение по заявке № { $number }. { $company }
letter-message = Специалист написал вам по заявке № { $number }.
letter-message-next = Чтобы ответить, откройте заявку и нажмите «Дополнить».

## Формы

step = Шаг { $number } из { $total }
for-example = Например:
skipped = —
files-unchecked = Проверка на вирусы сейчас недоступна. Файлы сохранены, специалисты получат их после проверки.
files =
    { $count ->
        [one] Принят { $count } файл
        [few] Принято { $count } файла
       *[many] Принято { $count } файлов
    }
form-request-scans-label = Сканы
form-files =
    <b>Приложите сканы документов</b>
    { $papers }

    PDF, JPEG, PNG, TIFF или HEIC, до 20 МБ каждый, до 10 файлов. Файлом или фотографией, можно альбомом. { $hint }
form-files-optional = Без них заявка тоже будет рассмотрена.
form-paper = • { $name }{ $required ->
        [true] { " " }– обязательно
       *[false] { "" }
    }
form-remove = Какой файл убрать?
form-edit = Какой ответ изменить?
form-changed = Форма обновилась, пока вы её заполняли. Прежние ответы сохранены там, где вопросы остались прежними.
form-unfinished =
    У вас не закончена форма <b>«{ $form }»</b>, ответы сохранены.

    Продолжите её или начните заново: тогда прежние ответы удалятся.
form-cancelled =
    <b>Удалить черновик?</b>
    Форма «{ $form }» не отправлена. Её можно продолжить и позже: она ждёт в меню.
form-expired =
    Эта форма была начата слишком давно и больше не действует. Отправлено ничего не было.

    Начните заново.

review-registration = Проверьте данные. На этот email придёт пароль.
review-request = Проверьте заявку перед отправкой.
review-reading = Проверьте показания и расход.
review-upload = Проверьте, что будет введено.
review-askue = Идентификатор и пароль приняты и нигде не записаны. Получить данные?
review-password = Новый пароль принят. Сохранить его?
review-reset = Новый пароль принят. Сохранить его и войти?

form-registration = Регистрация
form-registration-category = <b>Кто вы?</b>
    ИП выбирают «Юридическое лицо».
form-registration-category-label = Категория
form-registration-full_name = <b>Фамилия, имя, отчество</b>
form-registration-full_name-label = ФИО
form-registration-full_name-example = Иванова Анна Петровна
form-registration-organisation = <b>Название организации</b>
form-registration-organisation-label = Организация
form-registration-organisation-example = ООО «Ромашка»
form-registration-email = <b>Email</b>
    Он будет логином, на него придут пароль и письма о заявках.
form-registration-email-label = Email
form-registration-email-example = anna@example.ru
form-registration-phone = <b>Телефон</b>
    Напишите номер или отправьте свой кнопкой внизу.
form-registration-phone-label = Телефон
form-registration-phone-example = +7 912 345-67-89
form-registration-consent-label = Согласие на обработку персональных данных
choice-registration-category-individual = Физическое лицо
choice-registration-category-legal = Юридическое лицо
choice-registration-consent-agree = Согласен
choice-registration-consent-disagree = Не согласен

form-reading = Ручной ввод показаний
form-reading-kind = <b>Какой у вас счётчик?</b>
    Тариф указан в договоре и в квитанции.
form-reading-kind-label = Счётчик
choice-reading-kind-single = Однотарифный
choice-reading-kind-double = Двухтарифный
choice-reading-kind-triple = Трехтарифный
form-reading-meter = <b>Номер счётчика</b>
    Он на передней панели, рядом со штрихкодом: от 4 до 20 букв и цифр.
form-reading-meter-label = Номер счётчика
form-reading-meter-example = 0812-094521
form-reading-ratio = <b>Коэффициент трансформации</b>
    Если счётчик подключён через трансформаторы тока или напряжения, отправьте их общий коэффициент: расход умножают на него. Если трансформаторов нет, нажмите «Пропустить».
form-reading-ratio-label = Коэффициент трансформации
form-reading-ratio-example = 60
form-reading-single_t1 = <b>Показание счётчика, кВт·ч</b>
    Цифры с табло, можно с дробной частью.
form-reading-single_t1-label = Показание
form-reading-single_t1-example = 12345,6
form-reading-double_t1 = <b>T1, день: показание, кВт·ч</b>
    Дневная зона, обычно с 7:00 до 23:00. На табло – T1.
form-reading-double_t1-label = T1, день
form-reading-double_t1-example = 8120,5
form-reading-double_t2 = <b>T2, ночь: показание, кВт·ч</b>
    Ночная зона, обычно с 23:00 до 7:00. На табло – T2.
form-reading-double_t2-label = T2, ночь
form-reading-double_t2-example = 4225,1
form-reading-triple_t1 = <b>T1, пик: показание, кВт·ч</b>
    Часы наибольшей нагрузки, обычно с 7:00 до 10:00 и с 17:00 до 21:00. На табло – T1.
form-reading-triple_t1-label = T1, пик
form-reading-triple_t1-example = 3120,5
form-reading-triple_t2 = <b>T2, ночь: показание, кВт·ч</b>
    Ночная зона, обычно с 23:00 до 7:00. На табло – T2.
form-reading-triple_t2-label = T2, ночь
form-reading-triple_t2-example = 4225,1
form-reading-triple_t3 = <b>T3, полупик: показание, кВт·ч</b>
    Остальные часы: обычно с 10:00 до 17:00 и с 21:00 до 23:00. На табло – T3.
form-reading-triple_t3-label = T3, полупик
form-reading-triple_t3-example = 5000
form-reading-scans = <b>Фото табло</b>
    Пришлите фотографию, на которой видны номер счётчика и показание.
form-reading-scans-label = Фото табло

form-period = История показаний
form-period-first = <b>С какого дня?</b>
form-period-first-label = Начало
form-period-first-example = 01.01.2026
form-period-last = <b>По какой день?</b>
form-period-last-label = Конец
form-period-last-example = 31.10.2026
form-place = Где счётчик
form-place-place = <b>Где стоит этот счётчик?</b>
    Так его проще узнать среди других.
form-place-place-label = Место
form-place-place-example = Дача, щит у входа
form-ratio = Коэффициент трансформации
form-ratio-ratio = <b>Какой коэффициент у трансформаторов этого счётчика?</b>
    Целое число: произведение коэффициентов трансформаторов тока и напряжения. Без трансформаторов – 1. Оно действует со следующего показания.
form-ratio-ratio-label = Коэффициент трансформации
form-ratio-ratio-example = 60

form-askue = АСКУЭ
form-askue-identifier = <b>Идентификатор в системе АСКУЭ</b>
    Его выдаёт компания вместе с паролем.
form-askue-identifier-label = Идентификатор
form-askue-identifier-example = 1234567
form-askue-password = <b>Пароль в системе АСКУЭ</b>
    Сообщение с паролем будет сразу удалено. Пароль нужен для одного запроса, мы его не храним.
form-askue-password-label = Пароль
form-askue-password-example = r7Nq4vKd2sXw8m

form-login = Вход
form-login-email = <b>Email</b>, указанный при регистрации
form-login-email-example = anna@example.ru
form-login-password = <b>Пароль</b>
    Сообщение с паролем будет сразу удалено.
form-login-password-example = r7Nq4vKd2sXw8m
form-login-code = <b>Код из письма</b>
    К этому кабинету много раз вводили неверный пароль. Чтобы в него не вошёл чужой, введите код из письма: мы отправляем его на ваш email. Код действует 15 минут.
form-login-code-example = 402917

form-reset = Новый пароль
form-reset-email = <b>Email</b>, на который открыт кабинет
form-reset-email-example = anna@example.ru
form-reset-email-label = Email
form-reset-code = <b>Код из письма</b>
    Если есть кабинет с этим email, мы отправляем на него письмо с кодом. Код действует 15 минут. Загляните и в «Спам».
form-reset-code-example = 402917
form-reset-new = <b>Новый пароль</b>
    Не короче 6 знаков. Лучше всего – фраза, которую легко запомнить только вам.
form-reset-new-example = синий чайник у окна
form-reset-repeat = <b>Новый пароль ещё раз</b>
form-reset-repeat-example = синий чайник у окна
form-name = Изменение имени
form-name-full_name = <b>Новые фамилия, имя, отчество</b>
form-name-full_name-label = ФИО
form-name-full_name-example = Иванова Анна Петровна
form-organisation = Изменение названия
form-organisation-organisation = <b>Новое название организации</b>
form-organisation-organisation-label = Организация
form-organisation-organisation-example = ООО «Ромашка»
form-phone = Изменение телефона
form-phone-phone = <b>Новый телефон</b>
    Отправьте номер кнопкой ниже или напишите.
form-phone-phone-label = Телефон
form-phone-phone-example = +7 912 345-67-89
form-email = Изменение email
form-email-email = <b>Новый email</b>
    Он станет логином, на него будут приходить письма. Прежний адрес получит уведомление.
form-email-email-label = Email
form-email-email-example = anna@example.ru
form-email-password = <b>Пароль от кабинета</b>
    Сообщение будет сразу удалено. После пароля на новый адрес придёт код.
form-email-password-example = r7Nq4vKd2sXw8m
form-email-code = <b>Код из письма</b>
    Шесть цифр, действуют 15 минут. Письмо отправляем на новый адрес. Если его нет и в спаме, проверьте адрес: вернитесь назад и напишите его снова. Код не придёт, если с этим адресом уже открыт другой кабинет.
form-email-code-example = 402917

form-deletion = Удаление аккаунта
form-deletion-password = <b>Пароль</b>
    Введите пароль от личного кабинета, чтобы удалить его. Сообщение будет сразу удалено.
form-deletion-password-example = r7Nq4vKd2sXw8m
form-password = Смена пароля
form-password-old = <b>Нынешний пароль</b>
    Сообщение будет сразу удалено.
form-password-old-example = r7Nq4vKd2sXw8m
form-password-new = <b>Новый пароль</b>
    Не короче 6 знаков. Лучше всего – фраза, которую легко запомнить только вам.
form-password-new-example = синий чайник у окна
form-password-repeat = <b>Новый пароль ещё раз</b>
form-password-repeat-example = синий чайник у окна

## Ошибки: что не так и как исправить

error-blank-words = Ответ пуст. Напишите его словами, как в примере.
error-blank-choice = Ответ пуст. Выберите один из вариантов кнопкой.
error-blank-files = Ответ пуст. Приложите файл или нажмите «Пропустить».
error-wrong-kind-words = На этот вопрос ответьте текстом, как в примере.
error-wrong-kind-choice = На этот вопрос ответьте кнопкой ниже.
error-wrong-kind-files = Здесь нужны файлы: PDF или фотография. Приложите их или нажмите кнопку ниже.
error-files-expected = Здесь нужны файлы, а не текст. Приложите PDF или фотографию или нажмите кнопку ниже.
error-choose = Выберите один из вариантов кнопкой ниже.
error-unknown-command = Такой команды нет. Ответьте на вопрос или нажмите /cancel, чтобы вернуться в меню.
error-edited = Исправление прежнего сообщения не учтено. Вернитесь к вопросу кнопкой «Назад» или исправьте ответ в конце кнопкой «Изменить».
error-no-words = В ответе нет ни букв, ни цифр. Напишите его словами, как в примере.
error-messages-too-many = За раз можно передать не больше { $limit } сообщений. Передайте эти, потом пришлите остальные.
error-too-long =
    Слишком длинно: { $length ->
        [one] { $length } знак
        [few] { $length } знака
       *[many] { $length } знаков
    }, а можно не больше { $limit }. Сократите и отправьте снова.
error-too-short =
    Слишком коротко: { $length ->
        [one] { $length } знак
        [few] { $length } знака
       *[many] { $length } знаков
    }, а нужно не меньше { $limit }. Напишите подробнее.
error-pattern = Ответ записан не в том виде. Сверьтесь с примером и отправьте снова.
error-name = Напишите фамилию, имя и отчество буквами, хотя бы два слова.
error-name-sign = В имени не бывает знака «{ $sign }». Уберите его и отправьте снова.
error-organisation = Это вид организации без названия. Напишите и название: ООО «Луч».
error-phone = Такого номера телефона нет. Напишите российский номер с кодом, 10 цифр после +7.
error-contact-of-another = Это чужой контакт. Отправьте свой номер кнопкой или напишите его сами.
error-email = Это не похоже на email. Проверьте, есть ли в нём @ и точка после неё, нет ли пробелов.
error-email-mixed = В email смешаны буквы разных алфавитов, письмо на него не дойдёт: { $letters }. Наберите его заново, всё латиницей.
error-email-not-ascii = Писать на адреса с русскими и другими нелатинскими буквами перед @ наш почтовый сервер не умеет. Укажите другой email, латиницей.
error-email-slip = Вы имели в виду { $meant }? Выберите email кнопкой или напишите его заново.
error-email-same = Это ваш нынешний email. Напишите другой или нажмите «Отмена».
error-email-too-long =
    Email слишком длинный: { $length ->
        [one] { $length } знак
        [few] { $length } знака
       *[many] { $length } знаков
    }, а бывает не больше { $limit }. Проверьте его.
error-date = Не получилось разобрать дату. Напишите её цифрами, как в примере, или словом: «вчера», «сегодня», «завтра».
error-date-too-early = Дата слишком ранняя. Укажите { $earliest } или позже.
error-date-too-late = Дата слишком поздняя. Укажите { $latest } или раньше.
error-number = Нужно число, только цифры. Дробную часть отделите запятой.
error-number-unit =
    { $unit ->
        [kW] Ответ нужен в киловаттах. Пересчитайте и отправьте число, можно с «кВт».
       *[pcs] Ответ нужен в штуках. Отправьте только число.
    }
error-number-decimals = Слишком много знаков после запятой: можно не больше { $limit }.
error-number-too-small = Число слишком мало: нужно не меньше { $limit }.
error-number-too-large = Число слишком велико: нужно не больше { $limit }.
error-meter = В номере счётчика могут быть только буквы, цифры и дефис. Проверьте номер и отправьте снова.
error-meter-length =
    В номере счётчика { $length ->
        [one] { $length } знак
        [few] { $length } знака
       *[many] { $length } знаков
    }, а бывает от { $shortest } до { $longest }. Проверьте номер и отправьте снова.
error-meter-gone = Такого счётчика в кабинете нет. Нажмите «Отмена» и выберите счётчик снова.
error-reading-number = Нужно одно число с табло: только цифры, дробную часть отделите запятой или точкой.
error-reading-negative = Показание не бывает меньше нуля. Отправьте число без минуса.
error-reading-two-numbers = Здесь больше одного числа или посторонний знак между цифрами. Отправьте одно число, дробную часть отделите запятой.
error-reading-digits = Слишком много цифр до запятой: у счётчика их не больше { $limit }. Проверьте, не потерялась ли запятая.
error-reading-lower = Это меньше прежнего показания: { $previous } от { $date }. Проверьте табло и отправьте число снова. Если ошибка была в прежнем показании, счётчик заменён или прошёл через ноль, нажмите кнопку под вопросом.
error-reading-kind =
    Раньше этот счётчик был { $was ->
        [single] однотарифным
        [double] двухтарифным
        [triple] трёхтарифным
       *[other] другого вида
    }. Если вы ошиблись, вернитесь назад и выберите прежний вид. Если счётчик заменён или перенастроен, нажмите кнопку под вопросом.
error-reading-jump =
    Расход за { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    } – { $used } кВт·ч, а обычно около { $usual } кВт·ч. Прежнее показание: { $previous }. Не потерялась ли запятая? Отправьте число снова или нажмите «Всё верно» под вопросом.
error-period-backwards = Конец раньше начала. Напишите день не раньше начала или вернитесь назад и измените начало.
error-inn-length = В этом ИНН должно быть { $wanted } цифр, без других знаков. Проверьте и отправьте снова.
error-inn-checksum = Такого ИНН не бывает: контрольная цифра не сходится. Проверьте, нет ли опечатки, и отправьте снова.
error-ogrn-length = В этом номере должно быть { $wanted } цифр, без других знаков. Проверьте и отправьте снова.
error-ogrn-checksum = Такого номера не бывает: контрольная цифра не сходится. Проверьте, нет ли опечатки, и отправьте снова.
error-snils-length = В СНИЛС должно быть { $wanted } цифр. Проверьте и отправьте снова или нажмите «Пропустить».
error-snils-checksum = Такого СНИЛС не бывает: контрольные цифры не сходятся. Проверьте, нет ли опечатки, или нажмите «Пропустить».
error-location = Отправьте место через 📎 → «Геопозиция» или напишите широту и долготу через запятую.
error-not-optional = На этот вопрос нужен ответ. Ответьте на него или нажмите «Отмена».
error-edit-unknown = Этого ответа в форме нет. Выберите другой.
error-review-open = Все ответы уже даны. Отправьте форму или измените ответ кнопкой.
error-files-none = Файлов пока нет. Приложите хотя бы один или нажмите «Пропустить».
error-message-empty = Напишите сообщение или приложите файл.
error-file-empty = Файл «{ $name }» пуст. Проверьте его и приложите снова. Остальные файлы сохранены.
error-file-not-fetched = Telegram не отдал этот файл. Пришлите его ещё раз.
error-file-too-big = Файл «{ $name }» больше { $limit } МБ. Уменьшите его или разделите на части. Остальные файлы сохранены.
error-file-type = Файл «{ $name }» не подошёл: нужен PDF, JPEG, PNG, TIFF или HEIC. Остальные файлы сохранены.
error-file-damaged = Файл «{ $name }» не принят: он не открывается. Откройте его у себя, сохраните или отсканируйте заново и приложите снова. Остальные файлы сохранены.
error-file-locked = Файл «{ $name }» не принят: он закрыт паролем. Сохраните его без пароля и приложите снова. Остальные файлы сохранены.
error-file-hides-another = Файл «{ $name }» не принят: в нём спрятан файл другого вида. Распечатайте документ в PDF заново или сфотографируйте его. Остальные файлы сохранены.
error-file-runs-code = Файл «{ $name }» не принят: в нём есть сценарий или макрос. Распечатайте документ в PDF заново («Печать» → «Сохранить как PDF») или сфотографируйте его. Остальные файлы сохранены.
error-file-unfolds = Файл «{ $name }» не принят: при открытии он занял бы слишком много памяти. Отсканируйте его с меньшим разрешением или сфотографируйте. Остальные файлы сохранены.
error-file-too-complex = Файл «{ $name }» не принят: он устроен так сложно, что его не удалось проверить. Распечатайте документ в PDF заново («Печать» → «Сохранить как PDF») или сфотографируйте его. Остальные файлы сохранены.
error-file-infected = Файл «{ $name }» не принят: антивирус нашёл в нём угрозу. Проверьте своё устройство и приложите другой файл. Остальные файлы сохранены.
error-files-too-many = Больше { $limit } файлов приложить нельзя, последний не принят. Уберите лишний или объедините страницы в один PDF.
error-password-too-short = Пароль слишком короткий: нужно не меньше { $limit } знаков. Придумайте длиннее, лучше фразу.
error-passwords-differ = Пароли не совпали. Повторите новый пароль или вернитесь на шаг назад и задайте его заново.
error-password-common = Этот пароль – один из самых распространённых, его подберут за минуту. Придумайте другой, лучше фразу.
error-password-is-email = Пароль совпадает с вашим email, его легко угадать. Придумайте другой, лучше фразу.
error-password-is-old = Это ваш прежний пароль. Придумайте другой.
error-password-expired = Пароль из письма не использовали 72 часа, и он больше не действует. Нажмите «Забыли пароль?»: код для нового придёт на ваш email.
error-code-format = Код – шесть цифр из письма. Отправьте только их.
error-code-refused =
    Код не подошёл. Проверьте цифры в последнем письме и отправьте их снова. { $left ->
        [one] Осталась { $left } попытка.
        [few] Осталось { $left } попытки.
       *[many] Осталось { $left } попыток.
    }
error-code-expired = Код больше не действует. Вернитесь к вопросу об email кнопкой «Назад» или «Изменить» и ответьте заново: придёт новый код.
error-old-password = Нынешний пароль не подошёл. Проверьте раскладку и регистр и отправьте снова.
error-login-refused = Email или пароль не подошли. Проверьте раскладку и регистр и отправьте пароль снова или вернитесь на шаг назад к email.
error-login-delayed = Слишком много неверных паролей подряд. Следующая попытка – через { $seconds ->
        [one] { $seconds } секунду
        [few] { $seconds } секунды
       *[many] { $seconds } секунд
    }. Забыли пароль? Нажмите кнопку ниже.
error-session-over = Сеанс закончился. Войдите снова: /menu

## Ограничения

limit-messages = Слишком много сообщений подряд: бот не успевает. Он снова ответит через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-registrations = Слишком много регистраций из этого чата. Следующая возможна через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-resets = Слишком много запросов нового пароля из этого чата. Следующий возможен через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-files = Слишком много файлов подряд: этот не принят, остальные сохранены. Пришлите его снова через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-requests = Слишком много заявок подряд из вашего кабинета. Эта не отправлена, черновик сохранён. Отправьте её через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-staff_messages = Слишком много сообщений специалистам подряд: это не отправлено. Повторите его через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-contact_changes = Слишком много изменений имени, телефона и email из вашего кабинета. Следующее возможно через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-uploaded_readings = Слишком много показаний из файлов за день: эти не введены, файл сохранён в черновике. Введите их через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-stored_megabytes = Слишком большой объём файлов за день: этот не принят, остальные сохранены. Пришлите его снова через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-askue = Слишком много обращений к АСКУЭ подряд. Следующее возможно через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.

## Заявление, доверенность и квитанция в PDF

button-receipt = Квитанция
receipt-sent = Квитанция по заявке № { $number } – в файле выше.
receipt-unavailable = Не получилось составить квитанцию по заявке № { $number }. Сама заявка зарегистрирована; попробуйте ещё раз через несколько минут.
card-receipt = Квитанция { $number }
card-joined_photos = Фото по заявке { $number }
card-document-unavailable = Не получилось составить PDF по заявке № { $number }. Нажмите кнопку ещё раз позже; если не поможет, посмотрите журнал бота.
card-application = <b>Заявление на бумаге:</b> черновик № { $number }. Другой номер на скане – другие ответы.
desk-button-receipt = Квитанция
desk-button-joined_photos = Фото одним PDF
button-sign = Подписать и приложить
button-signed = Уже подписал(а)
button-unsigned = Без заявления
button-power_of_attorney = Бланк доверенности
application-ready = 📄 <b>Заявление готово</b>: оно в файле выше, составлено по вашим ответам. Подпишите его и пришлите сюда.
application-outdated = 📄 Ответ изменён, поэтому <b>прежнее заявление больше не подходит</b>. Новое – в файле выше: подпишите его. Скан прежнего, если вы его приложили, удалите.
application-unavailable = Не получилось подготовить PDF. Заявку можно отправить и без него: ответы сохранены.
application-sign =
    1. Распечатайте файл и подпишите его или поставьте подпись прямо на экране.
    2. Сфотографируйте подписанное и пришлите сюда вместе с другими документами.
application-signed = Пришлите фото или скан подписанного заявления, затем остальные документы.
application-unsigned = Хорошо, заявку можно отправить без заявления. Приложите другие документы или нажмите «Пропустить».
application-blank = Бланк доверенности – в файле выше. Заполните и подпишите его, затем пришлите фото или скан.
limit-documents = Слишком много файлов PDF подряд. Следующий возможен через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
document-page = Страница
document-of = из
document-field = Сведения
document-value = Ответ
document-details = Сведения по заявке
document-text = Текст заявки
document-attachments = Приложения
document-confirmation = Достоверность указанных сведений подтверждаю.
document-date = дата
document-signature = подпись
document-name = фамилия, имя, отчество
document-files = Приложенные файлы
document-no-files = Файлы не приложены.
document-file = Файл и его контрольная сумма
document-file-size = Размер
document-megabytes = { $size } МБ
document-inn = ИНН { $inn }
document-to = Кому
document-from = От кого
document-quoted = «{ $words }»
document-code = QR-код с текстом { $words }
document-application-number = Черновик № { $number }
document-application-file = Заявление { $number }
document-power-of-attorney = Доверенность
document-receipt = Квитанция о регистрации заявки № { $number }
document-receipt-file = Квитанция { $number }
document-receipt-number = Номер
document-receipt-registered = Дата и время регистрации
document-receipt-type = Тип заявки
document-receipt-due = Срок ответа
document-receipt-applicant = Заявитель
document-receipt-contacts = Телефон и email
document-receipt-application = Номер черновика заявления
document-receipt-closing = Квитанция составлена автоматически при регистрации заявки и действительна без подписи. Вопросы: { $phone }, { $email }.

## Показания из файла

upload-column-kind = Тарифы
upload-column-place = Где стоит
upload-column-before = Прежние показания
upload-template-file = Шаблон показаний
upload-errors-file = Строки с ошибками
upload-line = строка { $line }
upload-right = Верные строки: <b>{ $count }</b>
upload-replaced = Из них заменят введённые сегодня: { $count }
upload-late = Из них после срока: { $count }
upload-new = <b>Новые счётчики:</b> { $count } ({ $meters }). Если номер записан с ошибкой, исправьте файл: нажмите «Изменить».
upload-wrong = ⚠️ <b>Строки с ошибками: { $count }.</b> Показания из них не вводятся. Исправьте их и пришлите отдельным файлом или введите вручную.
upload-more = И ещё { $count }: все они в файле «Строки с ошибками».
upload-submitted = <b>Показания из файла приняты.</b> Счётчики: { $count }

form-upload = Показания из файла
form-upload-table = <b>Файл XLSX с показаниями</b>
    Скачайте шаблон кнопкой ниже: ваши счётчики в нём уже записаны. Впишите показания и пришлите файл сюда. В одном файле можно до 300 счётчиков.
form-upload-table-label = Файл

error-wrong-kind-table = Здесь нужен файл XLSX. Скачайте шаблон кнопкой ниже, заполните его и пришлите файлом.
error-table-type = Это не файл XLSX. Сохраните таблицу в формате «Книга Excel (.xlsx)» и пришлите её файлом.
error-table-locked = Файл закрыт паролем. Сохраните его без пароля и пришлите снова.
error-table-runs-code = В файле есть макрос. Сохраните таблицу в формате «Книга Excel (.xlsx)», без макросов, и пришлите снова.
error-table-too-large = Файл слишком велик. Скопируйте показания в шаблон и пришлите его.
error-table-damaged = Файл не открывается. Откройте его у себя, сохраните в формате «Книга Excel (.xlsx)» и пришлите снова.
error-table-sheets = Показания должны быть на одном листе, а заполненных листов в файле несколько или ни одного. Оставьте один лист и пришлите файл снова.
error-table-columns = В таблице нужны столбцы «Номер счётчика» и «T1, кВт·ч», а для других тарифов «T2, кВт·ч» и «T3, кВт·ч», каждый один раз. Перенесите показания в шаблон и пришлите его.
error-table-rows = В таблице больше { $limit } строк, считая пустые с оформлением. Удалите лишние или разделите таблицу на несколько файлов.
error-table-empty = В файле нет ни одного показания. Впишите их в столбец «T1, кВт·ч», а для других тарифов ещё в «T2, кВт·ч» и «T3, кВт·ч», и пришлите файл снова.
error-table-nothing =
    В файле нет ни одной верной строки. Исправьте их и пришлите файл снова.
    { $errors }
error-table-blank = номера счётчика нет, впишите его
error-table-formula = здесь формула, впишите число
error-table-merged = ячейка объединена с другими, разделите их и впишите число
error-table-date = здесь дата, а не число: задайте ячейке числовой формат и впишите число снова
error-table-other = здесь не число, впишите показание цифрами
error-table-digits = в номере слишком много цифр для числа, Excel мог их изменить: задайте ячейке текстовый формат и впишите номер снова
error-table-zones = заполните T1, или T1 и T2, или T1, T2 и T3
error-table-twice = этот счётчик записан несколько раз (строки { $lines }), оставьте одну
error-table-meters = в личном кабинете уже { $limit } счётчиков, больше из файла не добавить: введите его показания вручную
error-upload-meter = в номере могут быть только буквы, цифры и дефис
error-upload-reading-number = здесь не число, впишите показание цифрами
error-upload-reading-negative = показание не бывает меньше нуля
error-upload-reading-two-numbers = здесь больше одного числа, впишите одно
error-upload-reading-lower = меньше прежнего показания: { $previous } от { $date }. Если так и есть, введите его вручную
error-upload-reading-kind =
    раньше счётчик был { $was ->
        [single] однотарифным
        [double] двухтарифным
        [triple] трёхтарифным
       *[other] другого вида
    }. Заполните все его тарифы, а если счётчик заменён, введите показания вручную
error-upload-reading-jump = расход { $used } кВт·ч намного больше обычного. Если так и есть, введите показание вручную

## Показания в PDF

readings-document-unavailable = Не получилось составить PDF. Попробуйте ещё раз через несколько минут; показания уже сохранены.
document-history = Показания счётчика { $meter }
document-act = Акт передачи показаний за { $month }
document-readings-consumer = Потребитель
document-readings-company = Сетевая организация
document-readings-contacts = Телефон и email
document-readings-meter = Счётчик
document-readings-period = Период
document-readings-month = За месяц
document-readings-total = Общий расход
document-readings-date = Дата
document-readings-zone = Тариф
document-readings-before = Прежнее
document-readings-value = Показание
document-readings-ratio = Коэффициент трансформации
document-readings-factor = Коэффициент
document-readings-used = Расход, кВт·ч
document-readings-marks = Отметки

## Сайт: рамка

site-title = Личный кабинет потребителя
site-skip = К содержанию
site-sections = Разделы
site-home = На главную
site-support = Поддержка: { $phone },
site-policy = Политика обработки персональных данных
site-done-login-needed = Войдите, и откроется нужная страница.
site-done-login-kept = Вход закончился. Всё, что вы написали, сохранено; файлы приложите ещё раз. Войдите, и страница откроется снова.
site-error-400-title = Запрос не удалось прочитать
site-error-400 = Данные пришли повреждёнными или не в том виде. Вернитесь на предыдущую страницу, обновите её и повторите.
site-error-403-title = Сюда нет доступа
site-error-403 = Эта страница не для вашего кабинета. Проверьте, в какой кабинет вы вошли, или начните с главной страницы.
site-error-csrf-title = Страница устарела
site-error-csrf =
    Форма открыта слишком давно, в другом кабинете или в браузере отключены файлы cookie. Ничего не отправлено.

    Вернитесь назад, обновите страницу и повторите. Если не помогает, разрешите cookie для этого сайта.
site-error-404-title = Такой страницы нет
site-error-404 = Адрес набран с ошибкой, или страницу убрали. Начните с главной страницы.
site-error-405-title = Так эта страница не открывается
site-error-405 = Ссылка ведёт не туда или устарела. Начните с главной страницы.
site-error-408-title = Данные шли слишком долго
site-error-408 = Связь медленная или прервалась, отправлено не всё. Вернитесь назад и повторите отправку.
site-error-413-title = Слишком много данных
site-error-413 = Отправлено больше, чем принимает сайт. Вернитесь назад, сократите текст или уменьшите файлы и повторите.
site-error-422-title = Ответы не подходят
site-error-422 = Часть ответов не удалось принять. Вернитесь назад, исправьте их и повторите.
site-error-429-title = Слишком много попыток
site-error-429 = Подождите несколько минут и повторите. Если это срочно, позвоните нам: { $phone }.
site-error-network-title = Слишком много попыток
site-error-network = С вашего адреса в сети было слишком много попыток. Повторите через { $minutes } мин. Если это срочно, позвоните нам: { $phone }.
site-error-500-title = У нас неполадка
site-error-500 =
    Не получилось, мы об этой неполадке уже знаем. То, что было сохранено, не пропало.

    Повторите через минуту. Если не поможет, позвоните ({ $phone }) или напишите: { $email }.
site-error-503-title = Кабинет временно недоступен
site-error-503 =
    Обычно это несколько минут. То, что было сохранено, не пропало.

    Обновите страницу через минуту. Срочные вопросы – по телефону { $phone }.
site-password = Пароль
site-menu-requests = Подать заявку и следить за рассмотрением
site-menu-readings = Передать показания, посмотреть прежние и график
site-menu-askue = Данные автоматического учёта
site-menu-profile = Данные, пароль, уведомления, язык
site-about = Заявки в сетевую компанию, показания счётчиков и данные АСКУЭ – в одном месте.
site-no-account = Ещё нет кабинета? Регистрация займёт две минуты.
site-enter = Открыть кабинет
site-foreign-login =
    Форма пришла с другого сайта, поэтому вход не выполнен: так чужая страница не сможет войти за вас.

    Введите пароль здесь.
site-error-prefix = Ошибка:
site-errors = Часть ответов не подошла. Исправьте отмеченные поля и отправьте снова.
site-example = Например: { $example }
site-category = Кто вы?
site-category-hint = ИП выбирают «Юридическое лицо».
site-email-hint = Он будет логином, на него придут пароль и письма о заявках.
site-code = Код из письма
site-code-label = Код
site-code-hint = Шесть цифр, действуют 15 минут.
site-login-code = К этому кабинету много раз вводили неверный пароль. Чтобы в него не вошёл чужой, введите код из письма: мы отправляем его на <b>{ $email }</b>.
site-forgot = Укажите email, на который открыт кабинет: на него придёт код, с которым вы зададите новый пароль.
site-send-code = Отправить код
site-reset-code = Если есть кабинет с email <b>{ $email }</b>, мы отправляем на него письмо с кодом. Загляните и в «Спам».
site-old-password = Старый пароль
site-new-password = Новый пароль
site-repeat-password = Новый пароль ещё раз
site-password-hint = Не короче 6 знаков. Лучше всего – фраза, которую легко запомнить только вам.
site-no-letter = Письма нет и в «Спаме»? Попросите специалистов выслать новый пароль.
site-temporary-password = Пароль из письма временный. Лучше сразу заменить его своим.
site-change-password = Сменить пароль
site-data = Данные
site-data-hint = Специалисты увидят новые данные во всех открытых заявках.
site-since = Кабинет открыт
site-change-email = Изменить email
site-new-email = Новый email
site-new-email-hint = Он станет логином, на него будут приходить письма. Прежний адрес получит уведомление.
site-account-password-hint = Пароль от личного кабинета.
site-email-code = Письмо с кодом отправляем на <b>{ $email }</b>. Если его нет и в спаме, проверьте адрес. Код не придёт, если с этим адресом уже открыт другой кабинет.
site-answers-hint = Уведомления о статусе приходят на email, а если вы вошли в Telegram, то и туда.
site-sessions-hint = Если какой-то вход не ваш, нажмите «Выйти там» и сразу смените пароль.
site-session-here = вы здесь
site-session = Вход: { $since }. Последнее действие: { $seen }
site-end-session = Выйти там
site-end-session-of = Выйти там: { $name }
site-export-hint = Всё, что мы храним о вас, и ваши сканы – одним архивом. Храните его так же бережно, как паспорт.
site-export = Скачать архив
site-archive-under-way = Архив уже скачивается в другом окне. Когда он сохранится, его можно будет скачать снова.
site-deletion-hint = Закрыть личный кабинет и отозвать согласие на обработку персональных данных.
site-deletion =
    Вы закрываете личный кабинет и отзываете согласие на обработку персональных данных. Сразу и навсегда удаляются ваше имя, email, телефон, пароль, сканы, показания, переписка и черновики. Открытые заявки отзываются.

    Номера, даты и статусы заявок остаются без имени и текста на срок, который требует закон.

    Сначала можно забрать копию: «Профиль» → «Мои данные».
site-done-logged-out = Вы вышли из личного кабинета.
site-done-letter-again = Отправляем письмо с паролем ещё раз. Пароль из прежнего письма больше не действует.
site-done-password-saved = Новый пароль сохранён, вы вошли в личный кабинет. На других устройствах и в чатах выполнен выход.
site-done-password-changed = Пароль изменён. На других устройствах и в чатах выполнен выход.
site-done-data-changed = Данные изменены.
site-done-answers-set = Способ ответа записан.
site-done-session-ended = Там выполнен выход.
site-done-deleted = Личный кабинет удалён, согласие отозвано. На других устройствах и в чатах выполнен выход.
site-complaint-blank = Заполните это поле.
site-complaint-choose = Выберите один из вариантов.
site-complaint-consent-refused = Без согласия на обработку персональных данных личный кабинет открыть нельзя. О вас ничего не сохранено. Подать заявку можно и без кабинета, по телефону или письмом: они внизу страницы.
site-complaint-login-refused = Email или пароль не подошли. Проверьте раскладку и регистр и введите пароль снова.
site-complaint-login-delayed =
    Слишком много неверных паролей подряд. Следующая попытка – через { $seconds ->
        [one] { $seconds } секунду
        [few] { $seconds } секунды
       *[many] { $seconds } секунд
    }. Забыли пароль? Задайте новый по ссылке ниже.
site-complaint-old-password = Пароль не подошёл. Проверьте раскладку и регистр и введите его снова.
site-complaint-passwords-differ = Пароли не совпали. Введите новый пароль ещё раз в обоих полях.
site-complaint-code-format = Код – шесть цифр из письма. Введите только их.
site-complaint-code-refused =
    Код не подошёл. Проверьте цифры в последнем письме. { $left ->
        [one] Осталась { $left } попытка.
        [few] Осталось { $left } попытки.
       *[many] Осталось { $left } попыток.
    }
site-complaint-code-expired = Код больше не действует. Вернитесь назад и запросите новый.
site-complaint-email-slip = Нет ли опечатки? Может быть, { $meant }? Исправьте адрес или отправьте ещё раз, если он верный.
site-complaint-location = Нужны широта и долгота через запятую. Найдите место на карте и скопируйте их оттуда.
site-complaint-snils-length = В СНИЛС должно быть { $wanted } цифр. Исправьте его или оставьте поле пустым.
site-complaint-snils-checksum = Такого СНИЛС не бывает: контрольные цифры не сходятся. Проверьте, нет ли опечатки, или оставьте поле пустым.
site-complaint-period-backwards = Конец раньше начала. Выберите день не раньше начала или измените начало.
site-complaint-wrong-kind = Здесь нужен файл XLSX. Скачайте шаблон по ссылке выше, заполните его и выберите здесь.


## Сайт: заявки, показания, АСКУЭ

site-unfinished = Не закончено
site-number = Номер
site-request-type = О чём
site-status = Статус
site-requests-none = Заявок пока нет. Нажмите «Создание заявки».
site-pages = Страницы списка
site-page = Страница { $page } из { $pages }
site-page-before = Предыдущая
site-page-after = Следующая
site-request-types = О чём заявка? Форма сохраняется по мере заполнения: её можно закончить позже, здесь или в Telegram.
site-request = Заявка № { $number }
site-registered = Заявка зарегистрирована. Номер: { $number }
site-registered-due = Ответ ожидайте до { $due }.
site-registered-letter = Письмо с номером отправляем на { $email }.
site-emergency = Вы сообщили об опасности. Не подходите к оборванным проводам ближе 8 метров и звоните 112 или { $phone }.
site-registered-at = Зарегистрирована
site-due = Ответ до
site-rating = Ваша оценка
site-stars =
    { $stars ->
        [one] { $stars } звезда
        [few] { $stars } звезды
       *[many] { $stars } звёзд
    }
site-rate = Как мы справились?
site-rate-send = Оценить
site-stars-missing = Выберите оценку от 1 до 5 и нажмите «Оценить».
site-answer = Ответить
site-request-content = Что в заявке
site-message = Сообщение специалистам
site-message-hint = Его получат специалисты. Ответ придёт сюда и на email. Например: прикладываю недостающую страницу договора.
site-message-files = Файлы
site-message-files-hint = PDF, JPEG, PNG, TIFF или HEIC, до 20 МБ каждый, не больше 10.
site-message-kept = Эти файлы уже приложены и уйдут вместе с сообщением:
site-message-send = Отправить
site-done-message-sent = Передано специалистам.
site-done-message-answered = Ответ передан специалистам, заявка снова в работе.
site-messages-none = Сообщений пока нет.
site-messages-whole = Показать всю переписку
site-done-request-withdrawn = Заявка отозвана. Рассмотрение прекращено.
site-done-request-disputed = Заявка снова рассматривается. Напишите ниже, с чем вы не согласны.
site-done-request-rated = Спасибо! Оценка записана.
site-done-request-rated-low = Спасибо за оценку. Жаль, что мы не справились: напишите ниже, что было не так, это прочтёт специалист.
site-done-request-rated-before = Оценка уже есть, второй раз поставить её нельзя.
site-done-request-registered = Заявка зарегистрирована.
site-done-request-copied = Ответы прежней заявки перенесены. Сканы приложите снова. Проверьте и отправьте.
site-done-request-not-copied = Заявка этого вида уже начата и не закончена. Отправьте или удалите её, потом нажмите «Подать заново» ещё раз.
site-error-request-unknown-title = Такой заявки нет
site-error-request-unknown = Среди ваших заявок такой нет. Проверьте номер или откройте список заявок.
site-error-meter-unknown-title = Такого счётчика нет
site-error-meter-unknown = Среди ваших счётчиков такого нет. Откройте «Показания» и выберите счётчик.
site-error-no-readings-title = Показаний нет
site-error-no-readings = Акт составляют из переданных показаний, а их пока нет. Передайте показания и повторите.
site-error-document-title = Не получилось составить PDF
site-error-document = Данные сохранены. Повторите через несколько минут; если не поможет, позвоните: { $phone }.
site-error-file-gone-title = Файл открыть нельзя
site-error-file-gone = Он больше не хранится или не прошёл проверку. Если он нужен, напишите нам в переписке по заявке.
site-error-file-unchecked-title = Файл ещё проверяется
site-error-file-unchecked = Проверка на вирусы не закончена. Откройте файл через несколько минут.
site-error-askue-forgotten-title = Данных больше нет
site-error-askue-forgotten = Данные АСКУЭ хранятся полчаса и только для этого браузера. Откройте «АСКУЭ» и получите их снова.
site-readings = Передайте показания счётчика или посмотрите переданные раньше. Чтобы специалист снял показания на месте, подайте заявку. Вопросы о счётчиках: { $phone }.
site-meters-none = Показаний пока нет. Нажмите «Ручной ввод», чтобы передать первые.
site-no-reading = показаний ещё нет
site-upload-tile = Показания многих счётчиков одним файлом
site-reminders-on = Напоминаем о показаниях перед концом срока.
site-reminders-off = О показаниях не напоминаем.
site-done-reminders-on = Записано: будем напоминать о показаниях.
site-done-reminders-off = Записано: напоминать о показаниях не будем.
site-choose-meter = Выберите счётчик. Если его здесь нет, нажмите «Другой счётчик».
site-complaint-reading-lower = Это меньше прежнего показания: { $previous } от { $date }. Проверьте табло и исправьте число. Если показание верное, отметьте причину ниже.
site-complaint-reading-kind =
    Раньше этот счётчик был { $was ->
        [single] однотарифным
        [double] двухтарифным
        [triple] трёхтарифным
       *[other] другого вида
    }. Если вы ошиблись, вернитесь назад и выберите прежний вид. Если счётчик заменён или перенастроен, отметьте причину ниже.
site-complaint-reading-jump =
    Расход за { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    } – { $used } кВт·ч, а обычно около { $usual } кВт·ч. Прежнее показание: { $previous }. Не потерялась ли запятая? Исправьте число или подтвердите его ниже.
site-complaint-meter-gone = Такого счётчика в кабинете нет. Вернитесь в «Показания» и выберите счётчик снова.
site-optional = можно пропустить
site-overtaken = Статус заявки уже изменился, и сделать это больше нельзя. Ниже – нынешний.
site-confirm = Если показание верное, отметьте причину и нажмите «Далее» ещё раз
site-reading-photo = Фотография, на которой видны номер счётчика и показание.
site-upload-hint = Впишите показания в шаблон: ваши счётчики в нём уже записаны. В одном файле можно до 300 счётчиков.
site-upload-check = Проверить файл
site-show = Показать
site-save = Сохранить
site-chart-alt = График расхода по месяцам; те же числа словами ниже
site-chart-words = График словами
site-meter-settings = Настройки счётчика
site-meter-hidden = Счётчик скрыт: мы не предлагаем его и не напоминаем о нём. Его показания сохранены.
site-ratio-hint = Целое число; без трансформаторов – 1. Действует со следующего показания.
site-done-meter-changed = Сохранено.
site-done-meter-hidden = Счётчик скрыт. Вернуть его можно в «Скрытых счётчиках».
site-done-meter-shown = Счётчик снова в списке.
site-askue-hint = Идентификатор и пароль выдаёт компания. Они нужны для одного запроса, мы их не храним.
site-askue-data = Данные АСКУЭ
site-askue-at =
    Получены { $time }. { $count ->
        [one] { $count } счётчик
        [few] { $count } счётчика
       *[many] { $count } счётчиков
    }.
site-askue-empty = Для этого идентификатора в системе нет счётчиков. Если так быть не должно, обратитесь в компанию.
site-askue-waiting = Запрашиваем показания. Обычно это секунды, данные появятся здесь.
site-askue-missing = Удалённый доступ к показаниям пока не подключён. Показания можно передать через «Ручной ввод».
site-refresh = Обновить
site-done-askue-cancelled = Запрос отменён. Данные не получены.

## Связь чата и сайта

button-site = Открыть на сайте
site-link =
    Откройте ссылку: она войдёт в ваш кабинет на сайте без пароля.

    { $link }

    Ссылка действует минуту и только один раз. Никому её не пересылайте.
site-link-title = Вход по ссылке из Telegram
site-link-confirm =
    Вы входите в кабинет на имя: { $name }, email { $email }.

    Если это не ваш кабинет, закройте страницу.
site-link-expired = Ссылка уже использована или устарела: она действует минуту. Получите в боте новую или войдите по email и паролю.
chat-link-confirm =
    Войти в кабинет { $name } с email { $email }?

    Если вы не открывали эту ссылку на нашем сайте сами, нажмите «Отмена»: в чужом кабинете ваши заявки увидит его владелец.
chat-link-expired = Ссылка уже использована или устарела: она действует 5 минут. Получите на сайте новую или войдите по email и паролю.
site-telegram = Получать уведомления в Telegram
site-telegram-hint = Бот сообщит о каждом шаге по заявке и напомнит о показаниях.
site-telegram-link =
    Откройте бота и нажмите «Запустить», затем «Войти»: пароль не нужен.

    Ссылка действует 5 минут и только один раз. Никому её не пересылайте.
site-telegram-open = Открыть Telegram
site-telegram-away = Telegram сейчас недоступен. Попробуйте через несколько минут.

## Сайт: мини-приложение Telegram

menu-button-site = Кабинет
site-mini-app-title = Кабинет в Telegram
site-mini-app-opening = Открываем кабинет…
site-mini-app-outside =
    Эту страницу открывает кнопка «Кабинет» у поля ввода в чате с ботом. Тогда пароль не нужен, если в чате вы уже вошли.

    Здесь можно войти по email и паролю с главной страницы.
site-mini-app-framed =
    Telegram в браузере не может показать кабинет внутри себя: браузер не даёт сохранить вход.

    Откройте кабинет в браузере и войдите по email и паролю. Без пароля – по ссылке: в чате с ботом нажмите «Профиль», затем «Открыть на сайте».
site-mini-app-browser = Открыть в браузере
site-mini-app-invalid = Telegram не подтвердил, что кабинет открываете вы. Закройте это окно и откройте кабинет снова кнопкой у поля ввода в чате с ботом. Если не поможет, обновите Telegram или войдите по email и паролю.
site-mini-app-expired = Кабинет был открыт больше 5 минут назад. Закройте это окно и откройте его снова кнопкой у поля ввода в чате с ботом.
site-mini-app-used = Этим открытием кабинета уже воспользовались. Перейдите на главную страницу; если там просят войти, закройте это окно и откройте кабинет снова кнопкой у поля ввода в чате с ботом.
site-mini-app-often = Кабинет открывали из этого чата слишком часто. Откройте его снова через 15 минут или войдите по email и паролю.
site-done-mini-app-guest = В чате с ботом вход сейчас не выполнен. Войдите здесь по email и паролю. Или войдите в чате и откройте кабинет снова: пароль здесь не понадобится.

## Сайт: форма заявки

site-form-next = Далее
site-form-save = Сохранить и закрыть
site-form-back = Назад к ответам
site-form-edit = Изменить: { $label }
site-form-remove = Убрать файл { $name }
site-form-remove-short = Убрать
site-form-required = обязательно
site-form-location = Широта и долгота через запятую: их показывают карты, если нажать на место
site-form-application = Сделать заявление, PDF
site-form-application-hint = По вашим ответам. Подпишите его и приложите скан или фото.
site-form-application-outdated = Ответы изменены, поэтому прежнее заявление больше не подходит. Вернитесь к ответам, сделайте заявление заново и подпишите его. Скан прежнего уберите.
site-form-power_of_attorney = Бланк доверенности, PDF
site-form-choose-files = Выберите файлы или перетащите их сюда
site-form-files-hint = PDF, JPG, PNG, TIFF или HEIC, до 20 МБ каждый, до 10 файлов.
site-form-attach = Загрузить
site-form-progress = Загрузка файла
site-form-upload-failed = Файл не загрузился: связь прервалась. Выберите его ещё раз. Остальные файлы сохранены.
site-form-autosaved = Ответы сохранены.
site-form-unsaved = Нет связи: последние ответы пока не сохранены. Не закрывайте страницу.
site-done-form-more = Ответы сохранены. Появились новые вопросы: ответьте на них и нажмите «Далее».
site-done-form-saved = Черновик сохранён. Продолжить можно здесь или в чате Telegram.
site-done-form-discarded = Черновик удалён.
site-error-type-unknown-title = Такой заявки нет
site-error-type-unknown = Этот вид заявок больше не принимается. Выберите другой в разделе «Заявки».
## Очередь

command-staff-new = Никем не взятые
command-staff-open = Открытые
desk-new = <b>Ждут, чтобы их взяли</b> · страница { $page }
desk-new-none = Все заявки взяты в работу.
desk-open = <b>Открытые заявки</b> · страница { $page }
desk-open-none = Таких открытых заявок нет.
queue-open-usage = Что показать? Например: /open, /open В работе, /open Хищение, /open @Мария
queue-left =
    { $days ->
        [0] (сегодня)
        [one] (остался { $days } день)
        [few] (осталось { $days } дня)
       *[many] (осталось { $days } дней)
    }
queue-board =
    <b>Очередь</b>
    🆕 Ждут: { $new }{ $emergencies ->
        [0] { "" }
       *[other] { " " }· 🚨 { $emergencies }
    }
    🔧 В работе: { $in_work }
    ❓ Ждут ответа потребителя: { $clarification }
    ⚠️ Просрочено: { $overdue }

    Списки: /new, /open, /overdue

## Руководителям

escalation-untaken = 🚨 Аварийные заявки никто не взял: { $count }
escalation-overdue = ⚠️ Заявки давно просрочены: { $count }
escalation-line =
    № { $number } · { $type } · ответ до { $due }{ $days ->
        [0] { "" }
        [one] , просрочена на { $days } день
        [few] , просрочена на { $days } дня
       *[many] , просрочена на { $days } дней
    } · отвечает: { $assignee }
escalation-next = Карточки – в группе поддержки: /find номер. Передать заявку можно кнопкой «Передать…» на карточке.
