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
button-askue = АСКУЭ
button-submit-askue = Получить данные
button-askue-waiting = ⏳ Получаю данные…
button-askue-anew = Получить снова
button-meters = Ранее введенные показания
button-png = График
button-xlsx = Excel
button-period = Период
button-whole = За всё время
button-place = Где счётчик
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
button-password-again = Отправить ещё раз
button-correct-email = Исправить email
button-reading-visit = Снятие показаний
button-password = Сменить пароль
button-sessions = Где выполнен вход
button-end-session = Выйти там: { $number }. { $name }
button-my-data = Мои данные
button-deletion = Удалить аккаунт
button-deletion-on = Продолжить удаление
button-language = Язык
button-menu = Меню
button-resume = Продолжить заполнение
button-discard = Удалить её
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
button-open-request = Открыть заявку
button-share-phone = Отправить мой номер
button-remove = ✕ { $name }
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

## Меню

menu-guest =
    <b>Личный кабинет потребителя</b>

    Здесь вы подаёте заявки в сетевую компанию и следите за их рассмотрением.

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

    Бот компании { $company } принимает заявки, хранит их и сообщает о рассмотрении.

    • Новый пользователь: «Регистрация», пароль придёт на email.
    • Заявка: «Заявки» → «Создание заявки». Номер и срок ответа придут сюда и на email.
    • Ошиблись в ответе: «Назад» или «Изменить» перед отправкой.

    /menu – меню, /cancel – отменить начатое, /language – язык.

    Поддержка: { $phone }, { $email }
language-choose = На каком языке вам удобнее? / Which language do you prefer?
language-name = Русский
reply-keyboard-gone = Принято.
internal-error =
    Не получилось: у нас неполадка, мы о ней уже знаем. Ваши ответы сохранены.

    Повторите через минуту или откройте /menu.
update-failed =
    Не получилось: у нас неполадка, мы о ней уже знаем. Ваши ответы сохранены.

    Откройте /menu и повторите последнее действие.
update-took-too-long =
    Это заняло слишком много времени, и мы остановили последнее действие. Ваши ответы сохранены.

    Откройте /menu и повторите его. Если не получится снова, позвоните нам: телефон – в /help.
update-words-lost =
    Бот перезапустился и не успел прочитать ваше сообщение. Мы удалили его, чтобы пароль или код не остался в чате.

    Напишите ещё раз. Если не видите вопроса, откройте /menu.
update-overflow =
    Слишком много сообщений сразу: часть последних бот не принял.

    Дождитесь ответов на предыдущие и пришлите последние сообщения ещё раз.
outdated = Это окно устарело. Действующее – ниже.
secret-not-deleted = Telegram не дал удалить ваше сообщение с паролем. Удалите его сами, чтобы его никто не увидел.
file-unnamed = файл
photo = фото

## Показания

readings =
    <b>Показания</b>

    Передайте показания счётчика или посмотрите переданные раньше. Чтобы специалист снял показания на месте, подайте заявку. Вопросы о приборе учёта: { $phone }.
kwh = кВт·ч
reading-reminder = Показания счётчика за этот месяц ещё не переданы. Успейте до { $closing }: после этого дня они учтутся в следующем периоде.
meters =
    { $count ->
        [0]
            <b>Показаний пока нет</b>

            Нажмите «Ручной ввод», чтобы передать первые.
       *[other]
            <b>Ранее введенные показания</b>

            Выберите счётчик.
    }
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
table-zone = Зона
table-value = Показание
table-used = Расход
table-source = Источник
table-marks = Отметки
table-notes = Источник, отметки
sheet-readings = Показания
chart-title = Расход по месяцам: { $meter }
source-bot = бот
mark-replaced = замена
mark-rollover = через ноль
mark-confirmed = подтверждено
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
askue-failed-strange = Система АСКУЭ ответила непонятно, данных в ответе нет. Попробуйте позже; если повторится, сообщите в поддержку.
askue-table =
    <b>АСКУЭ</b> · счётчиков: { $count }{ $pages ->
        [1] { "" }
       *[other] { " " }· страница { $page } из { $pages }
    }
    Активная энергия – { $active }, реактивная – { $reactive }
askue-object = Объект
askue-meter = Прибор учёта
askue-active-import = Активная приём
askue-active-export = Активная отдача
askue-reactive-import = Реактивная приём
askue-reactive-export = Реактивная отдача
askue-received = Дата и время
askue-stale = Данные устарели
askue-doubtful = Часть значений пришла с ошибкой и не показана
layouts =
    <b>Вид таблиц</b>

    • Столбцами: ровные колонки, видны везде.
    • Строками: предложениями, удобно слушать программой чтения с экрана.
    • Таблицей Telegram: красивее, но некоторые версии Telegram вместо неё показывают пустое место. Сначала появится образец.
layout-text = Столбцами
layout-lines = Строками
layout-rich = Таблицей Telegram
layout-sample = Образец: под этой строкой должна быть таблица.
reading-before = Прежнее показание: <b>{ $value }</b> от { $date }
reading-last = <b>Прежние показания</b> от { $date }
reading-used = Расход: <b>{ $value } кВт·ч</b>
reading-no-difference = Расход пока не посчитать: сравнить не с чем.
reading-corrects = Сегодня показания этого счётчика уже введены. Новые заменят их, прежние останутся в истории.
reading-late = Срок передачи за этот месяц прошёл. Показания будут приняты с отметкой «после срока» и учтутся в следующем периоде.
reading-submitted =
    Показания приняты: <b>№ { $number }</b>, { $time }
    { $meter }
reading-mark-replaced = Отметка: счётчик заменён.
reading-mark-rollover = Отметка: счётчик прошёл через ноль.
reading-mark-confirmed = Отметка: большой расход подтверждён.
reading-mark-late = Отметка: после срока. Показания учтутся в следующем периоде.
reading-mark-corrected = Отметка: исправлено, действует более новое показание этого дня.

## Вход и регистрация

consent =
    Согласие на обработку персональных данных (версия { $version })

    Я даю { $company } согласие на обработку моих персональных данных: имени или названия организации, адреса электронной почты, телефона, сведений и документов в заявках – с помощью средств автоматизации и без них: сбор, запись, хранение, уточнение, использование, удаление.

    Цель: ведение личного кабинета, рассмотрение заявок и ответы на них. Согласие действует, пока существует личный кабинет. Отозвать его можно письмом на { $email }.

    Политика обработки персональных данных: { $policy }
consent-refused =
    Без согласия на обработку персональных данных личный кабинет открыть нельзя. О вас ничего не сохранено.

    Подать заявку можно и без кабинета: { $phone }, { $email }.
registered =
    Готово. Письмо с паролем отправлено на <b>{ $email }</b>.

    Войдите с этим адресом и паролем из письма. Если письма нет через пять минут, загляните в «Спам».
registered-again =
    Письмо с паролем отправлено на <b>{ $email }</b> ещё раз. Пароль из прежнего письма больше не действует.

    Письма нет через пять минут? Загляните в «Спам» и проверьте адрес: ошибку можно исправить кнопкой.
registration-kept = Прежние ответы сохранены. Напишите правильный адрес.
suggest-password =
    Вы вошли: { $name }

    Пароль из письма временный. Лучше сразу заменить его своим.
reset-asked =
    Просьба передана в поддержку. Если кабинет с адресом { $email } есть, вам вышлют на него новый пароль.

    Проверьте адрес и папку «Спам». Если код всё же придёт, введите его: он действует 15 минут.
password-saved = Новый пароль сохранён, вы вошли в личный кабинет. В других чатах выполнен выход.
logged-out = Вы вышли из личного кабинета.
logged-out-elsewhere = Пароль вашего личного кабинета изменён, поэтому здесь вы вышли из него. Если пароль меняли не вы, сразу обратитесь в поддержку. Войти снова: /menu
logged-out-by-owner = Владелец личного кабинета завершил вход в этом чате. Войти снова: /menu

## Профиль

profile =
    <b>Профиль</b>

    { $category }
    { $name }
    Email: { $email }
    Телефон: { $phone }
    Кабинет открыт { $since }
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
password-changed =
    Пароль изменён. В других чатах из кабинета выполнен выход.

scan-infected =
    Файл «{ $name }» к заявке № { $number } не передан сотрудникам: антивирус нашёл в нём угрозу, и файл удалён. Сама заявка рассматривается.

    Проверьте своё устройство. Если файл нужен, пришлите другой через «Заявки».
card-scan-infected = Скан «{ $name }» не передан: антивирус нашёл в нём угрозу. Файл удалён, заявителю сообщено.
export-ordered =
    Собираем архив: всё, что мы храним о вас, и ваши сканы. Он придёт сюда документом.

    Не чаще раза в час. Храните архив так же бережно, как паспорт.
export-caption = Ваши данные: «Мои данные.html» для чтения, data.json для программ, папка scans. Открывается любым архиватором.
deletion =
    <b>Удаление аккаунта</b>

    Вы отзываете согласие на обработку персональных данных. Сразу и навсегда удаляются ваше имя, email, телефон, пароль, сканы, показания, переписка и черновики. Открытые заявки отзываются.

    Номера, даты и статусы заявок остаются без имени и текста на срок, который требует закон.

    Сначала можно забрать копию: «Профиль» → «Мои данные».
deleted =
    Аккаунт удалён, согласие отозвано. В других чатах из кабинета выполнен выход.

    Зарегистрироваться снова можно в любой момент: /start
erased-elsewhere = Личный кабинет, открытый здесь, удалён его владельцем. Начать заново: /start
card-erased =
    Потребитель удалил аккаунт и отозвал согласие на обработку персональных данных. Заявка № { $number } закрыта, её карточка и сканы очищены.{ $stay ->
        [0] { "" }
       *[other] { " " }Сообщений, которые бот удалить не может: { $stay }. Удалите их под карточкой сами.
    }

## Мои данные

my-data = Мои данные
my-data-category = Категория
my-data-name = Имя или название
my-data-email = Email
my-data-phone = Телефон
my-data-language = Язык
my-data-since = Кабинет открыт
my-data-telegram = Telegram, номер чата
my-data-requests = Заявки
my-data-status = Статус
my-data-registered = Зарегистрирована
my-data-due = Ответ до
my-data-rating = Оценка
my-data-history = История
my-data-messages = Переписка
my-data-scans = Сканы
my-data-readings = Счётчики и показания
my-data-consents = Согласия
my-data-audit = Кто обращался к данным
my-data-by-consumer = вы
my-data-by-staff = сотрудник
my-data-action-find = список по поиску
my-data-action-my = список взятых заявок
my-data-action-overdue = список просроченных заявок
my-data-action-show = открытие карточки
my-data-action-wrote = сообщение вам
my-data-action-reset = сброс пароля
my-data-action-export = запрос этих данных
my-data-action-rated = оценка ответа

## Заявки

status-registered = Зарегистрирована
status-in_work = В работе
status-clarification = Требует уточнения
status-done = Выполнена
status-rejected = Отклонена
status-withdrawn = Отозвана
status-mark-registered = 🆕
status-mark-in_work = 🔧
status-mark-clarification = ❓
status-mark-done = ✅
status-mark-rejected = ⛔
status-mark-withdrawn = ↩️
request-withdraw-sure =
    Отозвать заявку № { $number }?

    Рассмотрение прекратится. Подать новую можно в любое время.
request-dispute-sure =
    Вернуть заявку № { $number } на рассмотрение?

    Вы сможете написать, с чем не согласны.
request-disputed =
    Заявка № { $number } снова рассматривается.

    Напишите, с чем вы не согласны, или приложите документы: сообщение получат специалисты.
request-dispute-late = После закрытия заявки прошло больше 10 дней. Если вопрос не решён, подайте новую: «Заявки» → «Создание заявки».
request-overtaken = Статус заявки уже изменился. Откройте её, чтобы увидеть нынешний.
request-rated = Спасибо! Оценка по заявке № { $number } записана.
request-rated-before = Оценка по заявке № { $number } уже есть, второй раз поставить её нельзя.
request-talk =
    <b>Заявка № { $number }</b>
    Напишите сообщение или приложите файлы: их сразу получат специалисты.

    Например: прикладываю недостающую страницу договора.
request-talk-taken = Передано специалистам по заявке № { $number }. Можно написать ещё или нажать «Готово».
late-files =
    { $count ->
        [one] Этот файл пришёл
       *[other] Эти файлы пришли
    } { $place ->
        [request] после отправки заявки № { $number }
       *[draft] после кнопки «Готово»
    }, и к заявке { $count ->
        [one] он не приложен
       *[other] они не приложены
    }:
    { $names }

    Приложить?
button-attach-late = Приложить к заявке
button-leave-late = Не прикладывать
late-files-attached = К заявке № { $number } приложено файлов: { $count }. Специалисты их получат.
registration-refused =
    <b>Письмо с паролем не принято</b>
    Почтовый сервер отказался доставить его на указанный адрес, поэтому кабинет не создан.

    Зарегистрируйтесь снова и проверьте адрес или укажите другой.
edit-not-relayed = Исправление не передано специалистам: вы вышли из учётной записи, с которой писали. Войдите снова и напишите сообщение заново: /menu
request-talk-kind = Специалистам можно передать текст, фото или файл. Отправьте одно из них или нажмите «Готово».
request-talk-long = Слишком длинно для одного сообщения. Разделите текст и отправьте частями.
request-copied = Ответы прежней заявки перенесены. Сканы приложите снова. Проверьте и отправьте.
notice-registered =
    ↩️ Заявка <b>№ { $number }</b> снова рассматривается.
    { $type }

    Ответ ожидайте до <b>{ $due }</b>.
notice-in_work =
    🔧 Заявка <b>№ { $number }</b> взята в работу.
    { $type }
notice-clarification =
    ❓ По заявке <b>№ { $number }</b> нужно уточнение.
    { $type }

    Ответьте кнопкой ниже. Пока ждём ответа, срок рассмотрения не идёт.
notice-done =
    ✅ Заявка <b>№ { $number }</b> выполнена.
    { $type }

    Оцените, как мы справились. Если вопрос не решён, нажмите «Не согласен» в течение 10 дней.
notice-rejected =
    ⛔ Заявка <b>№ { $number }</b> отклонена.
    { $type }

    Можно исправить её и подать заново. Если вы не согласны, нажмите «Не согласен» в течение 10 дней.
notice-withdrawn =
    ↩️ Заявка <b>№ { $number }</b> отозвана.
    { $type }
notice-words-registered = Пояснение
notice-words-in_work = Пояснение
notice-words-clarification = Вопрос специалиста
notice-words-done = Пояснение
notice-words-rejected = Причина
notice-words-withdrawn = Пояснение
talk-from-staff = Заявка № { $number }, сообщение специалиста

requests =
    <b>Заявки</b>{ $pages ->
        [1] { "" }
       *[other] { " " }· страница { $page } из { $pages }
    }
requests-none =
    <b>Заявки</b>

    Заявок пока нет. Нажмите «Создание заявки».
request-line =
    <b>№ { $number }</b> от { $date }
    { $type } · { $status }
request-types =
    <b>Создание заявки</b>

    О чём заявка?
request-registered =
    Заявка зарегистрирована: <b>№ { $number }</b>
    { $type }

    Ответ ожидайте до <b>{ $due }</b>.
    { $scans ->
        [0] Сканы не приложены.
        [one] Приложен { $scans } файл.
        [few] Приложено { $scans } файла.
       *[many] Приложено { $scans } файлов.
    } Письмо с номером отправлено на { $email }.
    { $emergency ->
        [true]
            { "" }
            ⚠️ Вы сообщили об опасности. Не подходите к оборванным проводам ближе 8 метров и звоните 112 или { $phone }.
       *[false] { "" }
    }
request =
    <b>Заявка № { $number }</b>
    { $type }

    Статус: <b>{ $status }</b>
    Зарегистрирована: { $registered }
    Ответ до: { $due }
request-text = Текст заявки
request-scans = Сканы: { $count ->
        [0] нет
        [one] { $count } файл
        [few] { $count } файла
       *[many] { $count } файлов
    }
request-history = История
request-unknown =
    Такой заявки среди ваших нет. Откройте список заявок.

## Карточки группы поддержки

card =
    { $emergency ->
        [true] ⚠️ <b>ОПАСНОСТЬ. Заявка № { $number }</b>
       *[false] <b>Заявка № { $number }</b>
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
card-scan = № { $number } · { $name }
card-left = осталось дней: { $days } (на { $today })
card-overdue = ⚠️ просрочено дней: { $days } (на { $today })
card-clock-stopped = срок не идёт: ждём ответа потребителя
card-topic = { $mark } № { $number } · { $type } · { $name }
card-backlog = Заявок в очереди: { $count }. Telegram принимает не больше 20 сообщений в минуту, карточки придут по порядку регистрации.
actor-consumer = потребитель
talk-from-consumer = № { $number } · { $name }
talk-not-delivered = Потребитель не получил это в Telegram: он заблокировал бота или вышел. Сообщение отправлено письмом на { $email }.
talk-erased = Потребитель удалил аккаунт по заявке № { $number }: передать некому, писем на его адрес больше не уходит.
talk-in-refused = Файл «{ $name }» от потребителя не передан: антивирус нашёл в нём угрозу. Потребителю сообщено.
talk-refused =
    Файл «{ $name }» потребителю не передан: { $reason ->
        [file-empty] он пуст. Проверьте его и отправьте снова.
        [file-too-big] он больше 20 МБ, такие боту не проверить и не отправить письмом. Уменьшите его или разделите на части.
        [file-type] бот передаёт PDF, JPEG, PNG, TIFF, HEIC и документы Word, Excel, OpenDocument и RTF без макросов. Сохраните файл в одном из этих видов.
        [file-damaged] он не открывается. Проверьте его и сохраните заново.
        [file-locked] он закрыт паролем. Сохраните его без пароля.
        [file-hides-another] в нём спрятан файл другого вида. Сохраните документ в PDF заново.
        [file-runs-code] в нём есть сценарий или макрос. Сохраните документ без макросов или в PDF.
        [file-unfolds] при открытии он занял бы слишком много памяти. Сохраните его с меньшим разрешением.
        [file-too-complex] он устроен так сложно, что его не удалось проверить. Сохраните документ в PDF заново.
       *[file-infected] антивирус нашёл в нём угрозу. Проверьте свой компьютер.
    }
talk-given-up = Потребитель не получил это: ни Telegram, ни почта сообщение не приняли. Позвоните ему: { $phone }
talk-delivered = ✓ Передано потребителю.
desk-button-in_work = Взять в работу
desk-button-clarification = Запросить уточнение
desk-button-done = Выполнена
desk-button-rejected = Отклонить
desk-overtaken = № { $number } уже в статусе «{ $status }»: { $by }. Нажимать больше ничего не нужно.
desk-unknown-request = Такой заявки нет. Найдите нужную: /find номер
desk-not-member = Кнопки и ответы действуют только для участников группы поддержки.
desk-membership-unknown = Телеграм не ответил, состоите ли вы в группе поддержки. Повторите через минуту.
desk-unreadable = Это сообщение не удалось прочитать, оно никому не передано. Отправьте его ещё раз обычным текстом, фото или файлом.
desk-elsewhere = Эта кнопка действует только в группе поддержки.
desk-anonymous = Вы пишете от имени группы, поэтому неизвестно, кто действует. Отключите анонимность в правах администратора и повторите.
desk-admins-only = Это могут только администраторы: их список задан в настройке STAFF_ADMIN_IDS.
desk-ask-rejected =
    { $name }, почему заявка № { $number } отклоняется?
    Выберите причину или напишите свою ответом на это сообщение. Её получит потребитель.
desk-ask-clarification =
    { $name }, что уточнить по заявке № { $number }?
    Выберите вопрос или напишите свой ответом на это сообщение. Его получит потребитель.
desk-own-rejected = <a href="tg://user?id={ $id }">{ $name }</a>, напишите ответом на это сообщение причину отказа по заявке № { $number }.
desk-own-rejected-placeholder = Например: объект не в нашей сети
desk-own-clarification = <a href="tg://user?id={ $id }">{ $name }</a>, напишите ответом на это сообщение вопрос по заявке № { $number }.
desk-own-clarification-placeholder = Например: пришлите фото счётчика
desk-own-words = Своими словами
desk-words-needed = Нужны слова: напишите их текстом, ответом на то же сообщение.
desk-words-taken = № { $number } – «{ $status }»: { $by }
desk-words-rejected-1-short = Не наша сеть
desk-words-rejected-1 = Объект не относится к нашим электрическим сетям. Обратитесь в сетевую организацию по месту его нахождения.
desk-words-rejected-2-short = Нет документов
desk-words-rejected-2 = Не приложены документы, без которых заявку нельзя рассмотреть. Подайте её заново вместе с ними.
desk-words-rejected-3-short = Повторная заявка
desk-words-rejected-3 = По этому вопросу уже рассматривается другая ваша заявка.
desk-words-rejected-4-short = Данные не подтвердились
desk-words-rejected-4 = Сведения в заявке не подтвердились. Проверьте их и подайте заявку заново.
desk-words-clarification-1-short = Приложите документы
desk-words-clarification-1 = Пожалуйста, приложите документы на объект: подтверждение права и схему расположения.
desk-words-clarification-2-short = Уточните адрес
desk-words-clarification-2 = Пожалуйста, уточните адрес объекта: улицу, дом, участок или ориентир.
desk-words-clarification-3-short = Фото счётчика
desk-words-clarification-3 = Пожалуйста, пришлите фото прибора учёта, на котором видны номер и показания.
desk-unknown-message = Не знаю, к какой заявке это относится, потребителю ничего не отправлено. Ответьте на карточку заявки или на сообщение потребителя.
desk-talk-kind = Потребителю можно передать текст, фото или файл. Отправьте одно из них ответом на карточку.
desk-reset = <b>Просят новый пароль</b>
    Убедитесь, что это сам потребитель. Пароль уйдёт только на его email. Кнопка действует 24 часа.
desk-reset-chat =
    Просит <a href="tg://user?id={ $id }">чат { $id }</a>: { $known ->
        [yes] из него в этот кабинет уже входили.
       *[no] из него в этот кабинет ещё не входили.
    }
desk-reset-by-staff = Просит сотрудник командой /reset.
desk-reset-expired =
    <b>Просьба о новом пароле устарела</b>
    Прошло больше 24 часов. Если она ещё нужна, отправьте /reset и адрес.
desk-reset-late = Карточке больше 24 часов, её кнопка не действует. Отправьте /reset и адрес.
desk-reset-button = Сбросить пароль
desk-reset-done = <b>Пароль сброшен</b>: { $name }, { $at }. Письмо с новым паролем отправляется, во всех чатах выполнен выход.
desk-reset-before = Пароль по этой карточке уже сброшен.
desk-reset-usage = Напишите адрес: /reset anna@example.ru
desk-reset-none = Кабинета с таким адресом нет. Проверьте его: /find адрес
desk-error = Не получилось: у нас неполадка, она записана в журнал. Повторите через минуту.
desk-erased = Сообщение очищено: потребитель удалил аккаунт. Список можно запросить снова той же командой.
desk-page-lost = Команда, на которую это ответ, удалена. Повторите её.
desk-no-card = Карточки этой заявки в группе нет.
desk-here = ⬆️ Карточка заявки
desk-line =
    { $mark } <b>№ { $number }</b> · { $type }
    { $status } · { $name } · до { $due }{ $late ->
        [true] { " " }⚠️
       *[false] { "" }
    }
desk-find = <b>Найдено</b> · страница { $page }
desk-find-none = Ничего не найдено. Ищите по номеру заявки, email, телефону или номеру счётчика.
desk-find-no-requests = Заявок нет.
desk-find-readings = <b>Последние показания, кВт·ч</b>
desk-find-reading = № { $meter } · { $date } · { $values }
desk-find-usage = Что найти? Например: /find 2026-000123, /find anna@example.ru, /find +7 912 345-67-89
desk-my = <b>Ваши заявки</b> · страница { $page }
desk-my-none = Открытых заявок, взятых вами в работу, нет.
desk-overdue = <b>Просрочено</b> · страница { $page }
desk-overdue-none = Просроченных заявок нет.
desk-overdue-notice = ⚠️ <b>Просрочено: { $count }</b>
desk-soon-notice = ⏰ <b>Срок подходит: { $count }</b>
desk-digest = <b>Сводка на { $date }</b>
desk-stats = <b>Статистика</b>
desk-stats-open = Открыто: { $total }, из них просрочено: { $overdue }
desk-stats-line = • { $type }: { $total } (до 3 дней: { $first }, 4–10: { $second }, дольше: { $third })
desk-stats-closed = Закрыто за { $days } дней: { $closed }. До ответа в среднем (медиана) часов: { $hours }. С опозданием: { $late }
desk-chart = Открытые заявки по возрасту
desk-chart-unit = заявок
desk-age-0 = до 3 дней
desk-age-1 = 4–10 дней
desk-age-2 = больше 10 дней
desk-export-usage = Укажите даты через точку. Например: /export 01.11.2026 30.11.2026 или /export показания 01.11.2026 30.11.2026
desk-export-begun = Файл готовится и придёт сюда.
desk-export-sheet = Заявки
desk-export-requests = Заявки с { $first } по { $last }
desk-export-readings = Показания с { $first } по { $last }
desk-column-number = Номер
desk-column-type = Вид
desk-column-status = Статус
desk-column-name = Потребитель
desk-column-email = Email
desk-column-phone = Телефон
desk-column-registered = Зарегистрирована
desk-column-due = Ответ до
desk-column-closed = Закрыта
desk-column-rating = Оценка
desk-column-text = Текст
staff-help =
    Сюда приходят заявки потребителей: карточка, под ней сканы. Статус меняется кнопками. Ответ на карточку или на сообщение потребителя уходит потребителю, всё остальное остаётся между вами.

    /find – найти по номеру, email, телефону, счётчику
    /my – взятые вами заявки
    /overdue – просроченные
    /stats – статистика
    /export – заявки или показания за период, XLSX
    /reset адрес – новый пароль потребителю

## Письма

letter-greeting = Здравствуйте, { $name }!
letter-greeting-neutral = Здравствуйте!
letter-farewell =
    С уважением,
    { $company }

    Поддержка: { $phone }, { $support }. На это письмо отвечать не нужно.
letter-password-subject = Пароль от личного кабинета. { $company }
letter-password =
    { $greeting }

    Для вас открыт личный кабинет потребителя. Логин – этот адрес электронной почты ({ $email }), пароль:

        { $password }

    Войдите в боте и замените пароль своим: «Профиль» → «Сменить пароль». Если не войти с этим паролем за 72 часа, он перестанет действовать; тогда нажмите в боте «Забыли пароль?».

    Если вы не регистрировались, ничего не делайте и сообщите об этом в поддержку.
letter-taken-subject = Попытка регистрации с вашим адресом. { $company }
letter-taken =
    { $greeting }

    Кто-то, возможно вы, попробовал открыть личный кабинет на адрес { $email }. У вас уже есть кабинет с этим адресом, новый не открыт, пароль не изменился.

    Если вы забыли пароль, нажмите в боте «Забыли пароль?». Если это были не вы, ничего делать не нужно.
letter-status-subject = Заявка № { $number }: { $status }. { $company }
letter-status =
    { $greeting }

    Статус вашей заявки изменился.

    Номер: { $number }
    { $type }
    Статус: { $status }
    Дата и время: { $at }

    { $words }

    Ответить и посмотреть заявку можно в боте: «Заявки».
letter-message-subject = Сообщение по заявке № { $number }. { $company }
letter-message =
    { $greeting }

    Специалист написал вам по заявке № { $number }, но в Telegram сообщение не дошло.

    { $text }

    Файлы, если они были, приложены к письму. Чтобы ответить, откройте бота и заявку в нём.
letter-reset-subject = Новый пароль от личного кабинета. { $company }
letter-reset =
    { $greeting }

    По вашей просьбе пароль от личного кабинета сброшен. Логин – { $email }, новый пароль:

        { $password }

    Войдите в боте и замените его своим: «Профиль» → «Сменить пароль». Во всех чатах выполнен выход. Если не войти с этим паролем за 72 часа, он перестанет действовать; тогда нажмите в боте «Забыли пароль?».

    Если вы об этом не просили, сразу сообщите в поддержку.
letter-code-password-reset-subject = Код для нового пароля. { $company }
letter-code-password-reset =
    { $greeting }

    Код, чтобы задать новый пароль от личного кабинета:

        { $code }

    Введите его в боте. Код действует до { $until }. Никому его не сообщайте: сотрудники его не спрашивают.

    Если вы не просили код, ничего не делайте: без него пароль не изменить.
letter-code-login-subject = Код для входа в личный кабинет. { $company }
letter-code-login =
    { $greeting }

    Код, чтобы войти в личный кабинет из нового чата:

        { $code }

    Введите его в боте. Код действует до { $until }. Никому его не сообщайте: сотрудники его не спрашивают.

    Если это были не вы, ваш пароль знает кто-то другой: сразу смените его в боте, «Профиль» → «Сменить пароль» или «Забыли пароль?».
letter-new-chat-subject = Вход в личный кабинет из нового чата. { $company }
letter-new-chat =
    { $greeting }

    { $at } в ваш личный кабинет вошли из аккаунта Telegram, из которого раньше не входили. Номер аккаунта: { $chat }.

    Если это были вы, ничего делать не нужно. Если нет, откройте бота: «Профиль» → «Где выполнен вход» → «Выйти там», затем смените пароль.
letter-password-changed-subject = Пароль личного кабинета изменён. { $company }
letter-password-changed =
    { $greeting }

    { $at } пароль вашего личного кабинета изменён. В других чатах выполнен выход.

    Если пароль меняли не вы, нажмите в боте «Забыли пароль?», задайте новый и сообщите в поддержку.
letter-failed-logins-subject = Неверные пароли от вашего кабинета. { $company }
letter-failed-logins =
    { $greeting }

    К вашему личному кабинету несколько раз подряд ввели неверный пароль, последний раз { $at }. Кабинет не заблокирован: в чатах, где вы уже входили, всё работает как обычно. Для входа из нового чата кроме пароля нужен код, который придёт на этот адрес.

    Если пароль вводили вы и забыли его, нажмите в боте «Забыли пароль?». Если не вы, проверьте, что пароль надёжный и больше нигде не используется.
letter-registered-subject = Заявка № { $number } зарегистрирована. { $company }
letter-registered =
    { $greeting }

    Ваша заявка зарегистрирована.

    Номер: { $number }
    { $type }
    Дата и время: { $registered }
    Ответ ожидайте до { $due }.
    { $scans ->
        [0] Сканы не приложены.
        [one] Приложен { $scans } файл.
        [few] Приложено { $scans } файла.
       *[many] Приложено { $scans } файлов.
    }

    Текст заявки:
    { $text }

    Статус заявки всегда виден в боте: «Заявки».

## Формы

step = Шаг { $number } из { $total }
for-example = Например:
skipped = не указано
files-unchecked = Проверка на вирусы сейчас недоступна. Файлы сохранены, а сотрудники получат их после проверки.
files = Принято файлов: { $count }
form-request-scans-label = Сканы
form-files =
    <b>Приложите сканы подписанной заявки и документов</b>
    { $papers }

    PDF, JPEG, PNG, TIFF или HEIC, до 20 МБ каждый, до 10 файлов. Файлом или фотографией, можно альбомом. Без них заявка тоже будет рассмотрена.
form-edit = Какой ответ изменить?
form-changed = Форма обновилась, пока вы её заполняли. Прежние ответы сохранены там, где вопросы остались прежними.
form-unfinished =
    У вас не закончена форма <b>«{ $form }»</b>, ответы сохранены.

    Продолжите её или удалите, тогда можно начать другую.
form-expired =
    Эта форма была начата слишком давно и больше не действует. Отправлено ничего не было.

    Начните заново.

review-registration = Проверьте данные. На этот email придёт пароль.
review-request = Проверьте заявку перед отправкой.
review-reading = Проверьте показания и расход.
review-askue = Идентификатор и пароль приняты и нигде не записаны. Получить данные?
review-password = Новый пароль принят. Сохранить его?
review-reset = Новый пароль принят. Сохранить его и войти?

form-registration = Регистрация
form-registration-category = <b>Кто вы?</b>
    Индивидуальный предприниматель – юридическое лицо.
form-registration-category-label = Категория
form-registration-full_name = <b>Фамилия, имя, отчество</b>
form-registration-full_name-label = ФИО
form-registration-full_name-example = Иванова Анна Петровна
form-registration-organisation = <b>Название организации</b>
form-registration-organisation-label = Организация
form-registration-organisation-example = ООО «Ромашка»
form-registration-email = <b>Электронная почта</b>
    Она будет логином, на неё придут пароль и письма о заявках.
form-registration-email-label = Email
form-registration-email-example = anna@example.ru
form-registration-phone = <b>Телефон</b>
    Напишите номер или отправьте свой кнопкой внизу.
form-registration-phone-label = Телефон
form-registration-phone-example = +7 912 345-67-89
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
form-reading-single_t1 = <b>Показание счётчика, кВт·ч</b>
    Цифры с табло, можно с дробной частью.
form-reading-single_t1-label = Показание
form-reading-single_t1-example = 12345,6
form-reading-double_t1 = <b>T1, день: показание, кВт·ч</b>
    Дневная зона, обычно с 7 до 23 часов. На табло – T1.
form-reading-double_t1-label = T1, день
form-reading-double_t1-example = 8120,5
form-reading-double_t2 = <b>T2, ночь: показание, кВт·ч</b>
    Ночная зона, обычно с 23 до 7 часов. На табло – T2.
form-reading-double_t2-label = T2, ночь
form-reading-double_t2-example = 4225,1
form-reading-triple_t1 = <b>T1, пик: показание, кВт·ч</b>
    Часы наибольшей нагрузки, обычно с 7 до 10 и с 17 до 21. На табло – T1.
form-reading-triple_t1-label = T1, пик
form-reading-triple_t1-example = 3120,5
form-reading-triple_t2 = <b>T2, ночь: показание, кВт·ч</b>
    Ночная зона, обычно с 23 до 7 часов. На табло – T2.
form-reading-triple_t2-label = T2, ночь
form-reading-triple_t2-example = 4225,1
form-reading-triple_t3 = <b>T3, полупик: показание, кВт·ч</b>
    Остальные часы: обычно с 10 до 17 и с 21 до 23. На табло – T3.
form-reading-triple_t3-label = T3, полупик
form-reading-triple_t3-example = 5000

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
    К этому кабинету много раз вводили неверный пароль. Чтобы в него не вошёл чужой, введите код из письма, которое отправлено на ваш email. Код действует 15 минут.
form-login-code-example = 402917

form-reset = Новый пароль
form-reset-email = <b>Email</b>, на который открыт кабинет
form-reset-email-example = anna@example.ru
form-reset-email-label = Email
form-reset-code = <b>Код из письма</b>
    Если кабинет с этим адресом есть, на него отправлено письмо с кодом. Код действует 15 минут. Загляните и в «Спам».
form-reset-code-example = 402917
form-reset-new = <b>Новый пароль</b>
    Не короче 6 знаков. Лучше всего – фраза, которую легко запомнить только вам.
form-reset-new-example = синий чайник у окна
form-reset-repeat = <b>Новый пароль ещё раз</b>
form-reset-repeat-example = синий чайник у окна

form-deletion = Удаление аккаунта
form-deletion-password = <b>Пароль</b>
    Введите пароль от кабинета, чтобы удалить его. Сообщение будет сразу удалено.
form-deletion-password-example = r7Nq4vKd2sXw8m
form-password = Смена пароля
form-password-old = <b>Нынешний пароль</b>
    Сообщение будет сразу удалено.
form-password-old-example = r7Nq4vKd2sXw8m
form-password-new = <b>Новый пароль</b>
    Не короче 6 знаков. Лучше всего – фраза, которую легко запомнить только вам.
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
error-too-long = Слишком длинно: знаков { $length }, а можно не больше { $limit }. Сократите и отправьте снова.
error-too-short = Слишком коротко: знаков { $length }, а нужно не меньше { $limit }. Напишите подробнее.
error-pattern = Ответ записан не в том виде. Сверьтесь с примером и отправьте снова.
error-name = Напишите фамилию, имя и отчество буквами, хотя бы два слова.
error-phone = Такого номера телефона нет. Напишите российский номер с кодом, 10 цифр после +7.
error-contact-of-another = Это чужой контакт. Отправьте свой номер кнопкой или напишите номер сами.
error-email = Это не похоже на адрес электронной почты. Проверьте, есть ли в нём @ и точка после неё, нет ли пробелов.
error-email-mixed = В адресе смешаны буквы разных алфавитов, на такой адрес письмо не дойдёт: { $letters }. Наберите его заново, всё латиницей.
error-email-not-ascii = На адрес с нелатинскими буквами перед @ наш почтовый сервер писать не умеет. Укажите другой адрес, латиницей.
error-email-slip = Вы имели в виду { $meant }? Выберите адрес кнопкой или напишите его заново.
error-email-too-long = Адрес слишком длинный: знаков { $length }, а бывает не больше { $limit }. Проверьте его.
error-date = Не получилось разобрать дату. Напишите день, месяц и год через точку, как в примере.
error-date-too-early = Дата слишком ранняя. Укажите { $earliest } или позже.
error-date-too-late = Дата слишком поздняя. Укажите { $latest } или раньше.
error-number = Нужно число, только цифры. Дробную часть отделите запятой.
error-number-decimals = Слишком много знаков после запятой: можно не больше { $limit }.
error-number-too-small = Число слишком мало: нужно не меньше { $limit }.
error-number-too-large = Число слишком велико: нужно не больше { $limit }.
error-meter = В номере счётчика могут быть только буквы, цифры и дефис. Проверьте номер и отправьте снова.
error-meter-length = В номере счётчика знаков { $length }, а бывает от { $shortest } до { $longest }. Проверьте номер и отправьте снова.
error-reading-number = Нужно одно число с табло: только цифры, дробную часть отделите запятой или точкой.
error-reading-negative = Показание не бывает меньше нуля. Отправьте число без минуса.
error-reading-two-numbers = Здесь больше одного числа или посторонний знак между цифрами. Отправьте одно число, дробную часть отделите запятой.
error-reading-digits = Слишком много цифр до запятой: у счётчика их не больше { $limit }. Проверьте, не потерялась ли запятая.
error-reading-lower = Это меньше прежнего показания: { $previous } от { $date }. Проверьте табло и отправьте число снова. Если счётчик заменён или прошёл через ноль, нажмите кнопку под вопросом.
error-reading-kind =
    Раньше этот счётчик был { $was ->
        [single] однотарифным
        [double] двухтарифным
        [triple] трёхтарифным
       *[other] другого вида
    }. Если вы ошиблись, вернитесь назад и выберите прежний вид. Если счётчик заменён или перенастроен, нажмите кнопку под вопросом.
error-reading-jump = Расход за дней: { $days } – { $used } кВт·ч, а обычно около { $usual }. Прежнее показание: { $previous }. Не потерялась ли запятая? Отправьте число снова или нажмите «Всё верно» под вопросом.
error-period-backwards = Конец раньше начала. Напишите день не раньше начала или вернитесь назад и измените начало.
error-location = Отправьте место через 📎 → «Геопозиция» или напишите широту и долготу через запятую.
error-not-optional = На этот вопрос нужен ответ, пропустить его нельзя.
error-edit-unknown = Этого ответа в форме нет. Выберите другой.
error-review-open = Все ответы уже даны. Отправьте форму или измените ответ кнопкой.
error-files-none = Файлов пока нет. Приложите хотя бы один или нажмите «Пропустить».
error-file-empty = Файл «{ $name }» пуст. Проверьте его и приложите снова. Остальные файлы сохранены.
error-file-not-fetched = Телеграм не отдал этот файл. Пришлите его ещё раз.
error-file-too-big = Файл «{ $name }» больше { $limit } МБ. Уменьшите его или разделите на части. Остальные файлы сохранены.
error-file-type = Файл «{ $name }» не подошёл: нужен PDF, JPEG, PNG, TIFF или HEIC. Остальные файлы сохранены.
error-file-damaged = Файл «{ $name }» не принят: он не открывается. Откройте его у себя, сохраните или отсканируйте заново и приложите снова. Остальные файлы сохранены.
error-file-locked = Файл «{ $name }» не принят: он закрыт паролем. Сохраните его без пароля и приложите снова. Остальные файлы сохранены.
error-file-hides-another = Файл «{ $name }» не принят: в нём спрятан файл другого вида. Распечатайте документ в PDF заново или сфотографируйте его. Остальные файлы сохранены.
error-file-runs-code = Файл «{ $name }» не принят: в нём есть сценарий или макрос. Распечатайте документ в PDF заново («Печать» → «Сохранить как PDF») или сфотографируйте его. Остальные файлы сохранены.
error-file-unfolds = Файл «{ $name }» не принят: при открытии он занял бы слишком много памяти. Отсканируйте его с меньшим разрешением или сфотографируйте. Остальные файлы сохранены.
error-file-too-complex = Файл «{ $name }» не принят: он устроен так сложно, что его не удалось проверить. Распечатайте документ в PDF заново («Печать» → «Сохранить как PDF») или сфотографируйте его. Остальные файлы сохранены.
error-file-infected = Файл «{ $name }» не принят: антивирус нашёл в нём угрозу. Проверьте своё устройство и приложите другой файл. Остальные файлы сохранены.
error-files-too-many = Больше { $limit } файлов приложить нельзя, последний не принят. Уберите лишний или объедините страницы в один PDF.
error-password-too-short = Пароль слишком короткий: нужно не меньше { $limit } знаков.
error-passwords-differ = Пароли не совпали. Повторите новый пароль или вернитесь на шаг назад и задайте его заново.
error-password-common = Этот пароль – один из самых распространённых, его подберут за минуту. Придумайте другой, лучше фразу.
error-password-is-email = Пароль совпадает с вашим email, его легко угадать. Придумайте другой, лучше фразу.
error-password-is-old = Это ваш прежний пароль. Придумайте другой.
error-password-expired = Пароль из письма не использовали 72 часа, и он больше не действует. Нажмите «Забыли пароль?»: код для нового придёт на ваш email.
error-code-format = Код – шесть цифр из письма. Отправьте только их.
error-code-refused = Код не подошёл. Проверьте цифры в последнем письме и отправьте их снова. Осталось попыток: { $left }.
error-code-expired = Код больше не действует. Вернитесь к вопросу об email кнопкой «Назад» или «Изменить» и ответьте заново: придёт новый код.
error-old-password = Нынешний пароль не подошёл. Проверьте раскладку и регистр и отправьте снова.
error-login-refused = Email или пароль не подошли. Проверьте раскладку и регистр и отправьте пароль снова, или вернитесь на шаг назад к email.
error-login-delayed = Слишком много неверных паролей подряд. Следующая попытка – через { $seconds ->
        [one] { $seconds } секунду
        [few] { $seconds } секунды
       *[many] { $seconds } секунд
    }. Забыли пароль? Нажмите кнопку ниже.
error-session-over = Сеанс закончился. Войдите снова: /menu

## Ограничения

limit-messages = Слишком много сообщений подряд: бот не успевает. Он снова ответит через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-registrations = Слишком много регистраций из этого чата. Следующая возможна через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-resets = Слишком много запросов нового пароля из этого чата. Следующий возможен через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-files = Слишком много файлов подряд: этот не принят, остальные сохранены. Пришлите его снова через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-requests = Слишком много заявок подряд из вашего кабинета. Эта не отправлена, черновик сохранён. Отправьте её через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-staff_messages = Слишком много сообщений сотрудникам подряд: это не отправлено. Повторите его через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-stored_megabytes = Слишком большой объём файлов за день: этот не принят, остальные сохранены. Пришлите его снова через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
limit-askue = Слишком много обращений к АСКУЭ подряд. Следующее возможно через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.
