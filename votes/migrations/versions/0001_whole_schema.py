"""The whole schema: tables, indexes, and the triggers that keep ballots and records as they were written.

Written out as SQL, so that a later change of the models changes nothing here. The two databases differ in a few
words only (`WORDS`) and in how a trigger is written (`trigger`).

On SQLite every ``id`` is AUTOINCREMENT, as a PostgreSQL sequence is by itself: the id of a deleted row is never
given to another, so that a kept link, a log entry or a reminder names the row it was made for, or none.
Ballots and turnout are WITHOUT ROWID: a rowid would number them in the order in which they came.

Revision ID: 0001_whole_schema
Revises:
"""

import re

from alembic import op

revision = "0001_whole_schema"
down_revision = None
branch_labels = None
depends_on = None

WORDS = {
    "sqlite": {
        "serial": "INTEGER",
        "autoincrement": "AUTOINCREMENT",
        "moment": "DATETIME",
        "bytes": "BLOB",
        "without_rowid": "WITHOUT ROWID",
    },
    "postgresql": {
        "serial": "SERIAL",
        "autoincrement": "",
        "moment": "TIMESTAMP",
        "bytes": "BYTEA",
        "without_rowid": "",
    },
}

#: Statements end in a semicolon at the end of a line.
SCHEMA = """
CREATE TABLE bodies (
    id {serial} NOT NULL CONSTRAINT pk_bodies PRIMARY KEY {autoincrement},
    code VARCHAR(30) NOT NULL,
    name VARCHAR(100) NOT NULL,
    place VARCHAR(60) NOT NULL,
    kind VARCHAR(30) NOT NULL,
    parent_id INTEGER,
    settings JSON NOT NULL,
    is_demo BOOLEAN NOT NULL,
    created_at {moment} NOT NULL,
    CONSTRAINT uq_bodies_code UNIQUE (code),
    CONSTRAINT uq_bodies_name UNIQUE (name),
    CONSTRAINT ck_bodies_code_length CHECK (length(code) >= 2),
    CONSTRAINT ck_bodies_not_its_own_parent CHECK (parent_id is null or parent_id <> id),
    CONSTRAINT ck_bodies_bodykind CHECK (kind IN ('county', 'township', 'committee', 'street')),
    CONSTRAINT fk_bodies_parent_id FOREIGN KEY (parent_id) REFERENCES bodies (id)
);

CREATE TABLE delegations (
    id {serial} NOT NULL CONSTRAINT pk_delegations PRIMARY KEY {autoincrement},
    name VARCHAR(60) NOT NULL,
    position INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_delegations_body_id_name UNIQUE (body_id, name),
    CONSTRAINT fk_delegations_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_delegations_body_id ON delegations (body_id);

CREATE TABLE departments (
    id {serial} NOT NULL CONSTRAINT pk_departments PRIMARY KEY {autoincrement},
    name VARCHAR(60) NOT NULL,
    head VARCHAR(40),
    contact VARCHAR(60),
    active BOOLEAN NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_departments_body_id_name UNIQUE (body_id, name),
    CONSTRAINT fk_departments_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_departments_body_id ON departments (body_id);

CREATE TABLE deputies (
    id {serial} NOT NULL CONSTRAINT pk_deputies PRIMARY KEY {autoincrement},
    number VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    gender VARCHAR(4),
    ethnicity VARCHAR(20),
    born VARCHAR(7),
    delegation_id INTEGER NOT NULL,
    constituency VARCHAR(100),
    post VARCHAR(100),
    phone VARCHAR(20),
    state VARCHAR(30) NOT NULL,
    pinyin VARCHAR(200) NOT NULL,
    initials VARCHAR(30) NOT NULL,
    page_key VARCHAR(40),
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_deputies_body_id_number UNIQUE (body_id, number),
    CONSTRAINT ck_deputies_gender CHECK (gender in ('男', '女')),
    CONSTRAINT ck_deputies_deputystate CHECK (state IN ('active', 'suspended', 'ended')),
    CONSTRAINT fk_deputies_delegation_id FOREIGN KEY (delegation_id) REFERENCES delegations (id),
    CONSTRAINT fk_deputies_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_deputies_body_id ON deputies (body_id);
CREATE INDEX ix_deputies_body_initials ON deputies (body_id, initials);
CREATE INDEX ix_deputies_delegation_id ON deputies (delegation_id);
CREATE UNIQUE INDEX uq_deputies_page_key ON deputies (page_key);

CREATE TABLE users (
    id {serial} NOT NULL CONSTRAINT pk_users PRIMARY KEY {autoincrement},
    username VARCHAR(60) NOT NULL,
    name VARCHAR(60) NOT NULL,
    password_hash VARCHAR(200) NOT NULL,
    must_change BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    login_serial INTEGER NOT NULL,
    body_id INTEGER,
    department_id INTEGER,
    deputy_id INTEGER,
    phone VARCHAR(20),
    last_login_at {moment},
    created_at {moment} NOT NULL,
    CONSTRAINT uq_users_username UNIQUE (username),
    CONSTRAINT uq_users_deputy_id UNIQUE (deputy_id),
    CONSTRAINT fk_users_body_id FOREIGN KEY (body_id) REFERENCES bodies (id),
    CONSTRAINT fk_users_department_id FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT fk_users_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id)
);
CREATE INDEX ix_users_body_id ON users (body_id);

CREATE TABLE user_roles (
    user_id INTEGER NOT NULL,
    role VARCHAR(30) NOT NULL,
    CONSTRAINT pk_user_roles PRIMARY KEY (user_id, role),
    CONSTRAINT ck_user_roles_role
        CHECK (role IN ('sysadmin', 'office', 'government', 'department', 'leader', 'deputy')),
    CONSTRAINT fk_user_roles_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE throttles (
    "key" VARCHAR(100) NOT NULL,
    failures INTEGER NOT NULL,
    last_at {moment} NOT NULL,
    locked_until {moment},
    CONSTRAINT pk_throttles PRIMARY KEY ("key")
);

CREATE TABLE import_drafts (
    id {serial} NOT NULL CONSTRAINT pk_import_drafts PRIMARY KEY {autoincrement},
    kind VARCHAR(20) NOT NULL,
    filename VARCHAR(200) NOT NULL,
    rows JSON NOT NULL,
    applied_at {moment},
    created_at {moment} NOT NULL,
    created_by_id INTEGER,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_import_drafts_kind CHECK (kind in ('roster', 'projects', 'suggestions', 'villages', 'attendance')),
    CONSTRAINT fk_import_drafts_created_by_id FOREIGN KEY (created_by_id) REFERENCES users (id),
    CONSTRAINT fk_import_drafts_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_import_drafts_body_id ON import_drafts (body_id);

CREATE TABLE projects (
    id {serial} NOT NULL CONSTRAINT pk_projects PRIMARY KEY {autoincrement},
    year INTEGER NOT NULL,
    number INTEGER,
    name VARCHAR(60) NOT NULL,
    category VARCHAR(20) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    content TEXT NOT NULL,
    target TEXT NOT NULL,
    location VARCHAR(200) NOT NULL,
    total_investment NUMERIC(14, 2),
    year_investment NUMERIC(14, 2),
    due_on DATE,
    benefit_scope VARCHAR(200) NOT NULL,
    beneficiaries INTEGER,
    background TEXT NOT NULL,
    feasibility TEXT NOT NULL,
    preparation TEXT NOT NULL,
    safeguards TEXT NOT NULL,
    department_id INTEGER,
    partners VARCHAR(200) NOT NULL,
    leader VARCHAR(60) NOT NULL,
    multi_year BOOLEAN NOT NULL,
    stage_goal TEXT NOT NULL,
    state VARCHAR(30) NOT NULL,
    gates_passed INTEGER NOT NULL,
    created_at {moment} NOT NULL,
    created_by_id INTEGER,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_projects_body_id_year_name UNIQUE (body_id, year, name),
    CONSTRAINT ck_projects_kind CHECK (kind in ('works', 'policy')),
    CONSTRAINT ck_projects_total_not_negative CHECK (total_investment >= 0),
    CONSTRAINT ck_projects_year_not_negative CHECK (year_investment >= 0),
    CONSTRAINT ck_projects_beneficiaries_not_negative CHECK (beneficiaries >= 0),
    CONSTRAINT ck_projects_projectstate
        CHECK (state IN ('draft', 'reviewing', 'approved', 'listed', 'selected', 'not_selected',
            'withdrawn')),
    CONSTRAINT fk_projects_department_id FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT fk_projects_created_by_id FOREIGN KEY (created_by_id) REFERENCES users (id),
    CONSTRAINT fk_projects_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_projects_body_id ON projects (body_id);
CREATE INDEX ix_projects_body_year ON projects (body_id, year);
CREATE INDEX ix_projects_department_id ON projects (department_id);

CREATE TABLE funding (
    id {serial} NOT NULL CONSTRAINT pk_funding PRIMARY KEY {autoincrement},
    project_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    source VARCHAR(60) NOT NULL,
    amount NUMERIC(14, 2),
    CONSTRAINT ck_funding_amount_not_negative CHECK (amount >= 0),
    CONSTRAINT fk_funding_project_id FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE
);
CREATE INDEX ix_funding_project_id ON funding (project_id);

CREATE TABLE subprojects (
    id {serial} NOT NULL CONSTRAINT pk_subprojects PRIMARY KEY {autoincrement},
    project_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    target TEXT NOT NULL,
    unit VARCHAR(60) NOT NULL,
    investment NUMERIC(14, 2),
    weight INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT ck_subprojects_weight CHECK (weight between 1 and 100),
    CONSTRAINT fk_subprojects_project_id FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE
);
CREATE INDEX ix_subprojects_project_id ON subprojects (project_id);

CREATE TABLE reviews (
    id {serial} NOT NULL CONSTRAINT pk_reviews PRIMARY KEY {autoincrement},
    project_id INTEGER NOT NULL,
    gate VARCHAR(30) NOT NULL,
    gate_name VARCHAR(60) NOT NULL,
    decision VARCHAR(30) NOT NULL,
    decided_on DATE NOT NULL,
    document_number VARCHAR(60) NOT NULL,
    opinion TEXT NOT NULL,
    recorded_by VARCHAR(60) NOT NULL,
    recorded_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_reviews_decision CHECK (decision IN ('pass', 'return', 'withdraw', 'list', 'unlist')),
    CONSTRAINT fk_reviews_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_reviews_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_reviews_body_id ON reviews (body_id);
CREATE INDEX ix_reviews_project_id ON reviews (project_id);

CREATE TABLE project_versions (
    id {serial} NOT NULL CONSTRAINT pk_project_versions PRIMARY KEY {autoincrement},
    project_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    text JSON NOT NULL,
    changed_by VARCHAR(60) NOT NULL,
    changed_at {moment} NOT NULL,
    note VARCHAR(200) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_project_versions_version UNIQUE (project_id, version),
    CONSTRAINT fk_project_versions_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_project_versions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_project_versions_body_id ON project_versions (body_id);
CREATE INDEX ix_project_versions_project_id ON project_versions (project_id);

CREATE TABLE sessions (
    id {serial} NOT NULL CONSTRAINT pk_sessions PRIMARY KEY {autoincrement},
    title VARCHAR(100) NOT NULL,
    year INTEGER NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    place VARCHAR(100) NOT NULL,
    state VARCHAR(30) NOT NULL,
    hall_secret {bytes} NOT NULL,
    hall_key VARCHAR(40) NOT NULL,
    screen_key VARCHAR(40) NOT NULL,
    tellers_approved_on DATE,
    tellers_approved_how VARCHAR(100),
    started_at {moment},
    created_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_sessions_body_id_title UNIQUE (body_id, title),
    CONSTRAINT uq_sessions_hall_key UNIQUE (hall_key),
    CONSTRAINT uq_sessions_screen_key UNIQUE (screen_key),
    CONSTRAINT ck_sessions_ends_after_start CHECK (ends_on >= starts_on),
    CONSTRAINT ck_sessions_sessionstate CHECK (state IN ('planned', 'running', 'ended')),
    CONSTRAINT fk_sessions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_sessions_body_id ON sessions (body_id);

CREATE TABLE rounds (
    id {serial} NOT NULL CONSTRAINT pk_rounds PRIMARY KEY {autoincrement},
    public_id VARCHAR(32) NOT NULL,
    session_id INTEGER NOT NULL,
    parent_id INTEGER,
    ordinal INTEGER NOT NULL,
    further VARCHAR(20),
    colour VARCHAR(10) DEFAULT 'white' NOT NULL,
    title VARCHAR(100) NOT NULL,
    rehearsal BOOLEAN NOT NULL,
    state VARCHAR(30) NOT NULL,
    rule JSON NOT NULL,
    resend_key {bytes},
    closes_at {moment},
    zero_checked_at {moment},
    zero_checked_by VARCHAR(60),
    opened_at {moment},
    closed_at {moment},
    certified_at {moment},
    announced_at {moment},
    roster INTEGER,
    present INTEGER,
    issued INTEGER,
    returned INTEGER,
    hash_name VARCHAR(10) NOT NULL,
    rule_digest VARCHAR(64),
    roll_digest VARCHAR(64),
    ballots_digest VARCHAR(64),
    salts JSON,
    result JSON,
    record JSON,
    software VARCHAR(40),
    created_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_rounds_ordinal UNIQUE (session_id, parent_id, ordinal, rehearsal),
    CONSTRAINT uq_rounds_public_id UNIQUE (public_id),
    CONSTRAINT ck_rounds_ordinal CHECK (ordinal >= 1),
    CONSTRAINT ck_rounds_not_its_own_parent CHECK (parent_id is null or parent_id <> id),
    CONSTRAINT ck_rounds_resend_key_only_while_open CHECK (resend_key is null or state = 'opened'),
    CONSTRAINT ck_rounds_result_after_count
        CHECK ((result is null) or state in ('counted', 'certified', 'announced', 'void')),
    CONSTRAINT ck_rounds_announced_after_certified CHECK (announced_at is null or certified_at is not null),
    CONSTRAINT ck_rounds_further_has_parent
        CHECK (further is null or (parent_id is not null and further in ('tie', 'shortfall', 'void'))),
    CONSTRAINT ck_rounds_roundstate
        CHECK (state IN ('draft', 'opened', 'closed', 'counted', 'certified', 'announced', 'void',
            'cancelled')),
    CONSTRAINT fk_rounds_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_rounds_parent_id FOREIGN KEY (parent_id) REFERENCES rounds (id),
    CONSTRAINT fk_rounds_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_rounds_body_id ON rounds (body_id);
CREATE INDEX ix_rounds_session_id ON rounds (session_id);

CREATE TABLE trackings (
    id {serial} NOT NULL CONSTRAINT pk_trackings PRIMARY KEY {autoincrement},
    project_id INTEGER NOT NULL,
    round_id INTEGER,
    department_id INTEGER,
    leader VARCHAR(60) NOT NULL,
    starts_on DATE NOT NULL,
    due_on DATE NOT NULL,
    state VARCHAR(30) NOT NULL,
    finished_on DATE,
    period VARCHAR(10) DEFAULT 'month' NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_trackings_project_id UNIQUE (project_id),
    CONSTRAINT ck_trackings_due_after_start CHECK (due_on >= starts_on),
    CONSTRAINT ck_trackings_period CHECK (period in ('month', 'quarter')),
    CONSTRAINT ck_trackings_trackingstate
        CHECK (state IN ('running', 'done', 'basically_done', 'unfinished', 'suspended', 'terminated')),
    CONSTRAINT fk_trackings_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_trackings_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_trackings_department_id FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT fk_trackings_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_trackings_body_id ON trackings (body_id);
CREATE INDEX ix_trackings_department_id ON trackings (department_id);

CREATE TABLE reports (
    id {serial} NOT NULL CONSTRAINT pk_reports PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    month DATE NOT NULL,
    percent INTEGER NOT NULL,
    percent_reason VARCHAR(300) DEFAULT '' NOT NULL,
    money_planned NUMERIC(14, 2) NOT NULL,
    money_in_place NUMERIC(14, 2) NOT NULL,
    money_paid NUMERIC(14, 2) NOT NULL,
    narrative TEXT NOT NULL,
    problems TEXT NOT NULL,
    next_step TEXT NOT NULL,
    reported_by VARCHAR(60) NOT NULL,
    reported_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_reports_month UNIQUE (tracking_id, month),
    CONSTRAINT ck_reports_percent CHECK (percent between 0 and 100),
    CONSTRAINT ck_reports_money CHECK (money_planned >= 0 and money_in_place >= 0 and money_paid >= 0),
    CONSTRAINT fk_reports_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_reports_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_reports_body_id ON reports (body_id);
CREATE INDEX ix_reports_tracking_id ON reports (tracking_id);

CREATE TABLE acceptances (
    id {serial} NOT NULL CONSTRAINT pk_acceptances PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    kind VARCHAR(30) NOT NULL,
    held_on DATE NOT NULL,
    held_by VARCHAR(100) NOT NULL,
    conclusion VARCHAR(30) NOT NULL,
    opinion TEXT NOT NULL,
    recorded_by VARCHAR(60) NOT NULL,
    recorded_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_acceptances_acceptancekind CHECK (kind IN ('works', 'deputies')),
    CONSTRAINT ck_acceptances_conclusion CHECK (conclusion IN ('passed', 'conditional', 'failed')),
    CONSTRAINT fk_acceptances_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_acceptances_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_acceptances_body_id ON acceptances (body_id);
CREATE INDEX ix_acceptances_tracking_id ON acceptances (tracking_id);

CREATE TABLE inspections (
    id {serial} NOT NULL CONSTRAINT pk_inspections PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    kind VARCHAR(30) NOT NULL,
    theme VARCHAR(100) NOT NULL,
    planned_on DATE NOT NULL,
    held_on DATE,
    place VARCHAR(100) NOT NULL,
    state VARCHAR(30) NOT NULL,
    summary TEXT NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_inspections_held_on_a_day CHECK ((state = 'held') = (held_on is not null)),
    CONSTRAINT ck_inspections_inspectionkind CHECK (kind IN ('visit', 'research', 'unannounced', 'recheck')),
    CONSTRAINT ck_inspections_inspectionstate CHECK (state IN ('planned', 'held', 'cancelled')),
    CONSTRAINT fk_inspections_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_inspections_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_inspections_body_id ON inspections (body_id);
CREATE INDEX ix_inspections_tracking_id ON inspections (tracking_id);

CREATE TABLE inspection_notes (
    id {serial} NOT NULL CONSTRAINT pk_inspection_notes PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    inspection_id INTEGER,
    deputy_id INTEGER NOT NULL,
    written_at {moment} NOT NULL,
    place VARCHAR(100) NOT NULL,
    text TEXT NOT NULL,
    finding BOOLEAN NOT NULL,
    settled VARCHAR(200) NOT NULL,
    published BOOLEAN NOT NULL,
    photos_published BOOLEAN NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT fk_inspection_notes_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_inspection_notes_inspection_id FOREIGN KEY (inspection_id) REFERENCES inspections (id),
    CONSTRAINT fk_inspection_notes_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_inspection_notes_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_inspection_notes_body_id ON inspection_notes (body_id);
CREATE INDEX ix_inspection_notes_deputy_id ON inspection_notes (deputy_id);
CREATE INDEX ix_inspection_notes_inspection_id ON inspection_notes (inspection_id);
CREATE INDEX ix_inspection_notes_tracking_id ON inspection_notes (tracking_id);

CREATE TABLE rectifications (
    id {serial} NOT NULL CONSTRAINT pk_rectifications PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    note_id INTEGER,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    problem TEXT NOT NULL,
    demand TEXT NOT NULL,
    department_id INTEGER NOT NULL,
    person VARCHAR(40) NOT NULL,
    issued_on DATE NOT NULL,
    due_on DATE NOT NULL,
    state VARCHAR(30) NOT NULL,
    closed_on DATE,
    published BOOLEAN NOT NULL,
    reason VARCHAR(200) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_rectifications_number UNIQUE (body_id, year, number),
    CONSTRAINT ck_rectifications_due_after_issue CHECK (due_on >= issued_on),
    CONSTRAINT ck_rectifications_closed_on_a_day CHECK ((state = 'closed') = (closed_on is not null)),
    CONSTRAINT ck_rectifications_rectificationstate
        CHECK (state IN ('issued', 'answered', 'closed', 'cancelled')),
    CONSTRAINT fk_rectifications_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_rectifications_note_id FOREIGN KEY (note_id) REFERENCES inspection_notes (id),
    CONSTRAINT fk_rectifications_department_id FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT fk_rectifications_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_rectifications_body_id ON rectifications (body_id);
CREATE INDEX ix_rectifications_department_id ON rectifications (department_id);
CREATE INDEX ix_rectifications_tracking_id ON rectifications (tracking_id);
CREATE UNIQUE INDEX uq_rectifications_note_id ON rectifications (note_id) WHERE state <> 'cancelled';

CREATE TABLE rectification_answers (
    id {serial} NOT NULL CONSTRAINT pk_rectification_answers PRIMARY KEY {autoincrement},
    rectification_id INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    due_on DATE NOT NULL,
    answered_on DATE NOT NULL,
    answered_by VARCHAR(60) NOT NULL,
    measures TEXT NOT NULL,
    result TEXT NOT NULL,
    passed BOOLEAN,
    rechecked_on DATE,
    rechecked_by VARCHAR(100) NOT NULL,
    opinion TEXT NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_rectification_answers_ordinal UNIQUE (rectification_id, ordinal),
    CONSTRAINT ck_rectification_answers_rechecked_on_a_day CHECK ((passed is null) = (rechecked_on is null)),
    CONSTRAINT fk_rectification_answers_rectification_id
        FOREIGN KEY (rectification_id) REFERENCES rectifications (id),
    CONSTRAINT fk_rectification_answers_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_rectification_answers_body_id ON rectification_answers (body_id);
CREATE INDEX ix_rectification_answers_rectification_id ON rectification_answers (rectification_id);

CREATE TABLE villages (
    id {serial} NOT NULL CONSTRAINT pk_villages PRIMARY KEY {autoincrement},
    name VARCHAR(60) NOT NULL,
    township VARCHAR(60) NOT NULL,
    position INTEGER NOT NULL,
    active BOOLEAN NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_villages_name UNIQUE (body_id, township, name),
    CONSTRAINT fk_villages_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_villages_body_id ON villages (body_id);

CREATE TABLE matters (
    id {serial} NOT NULL CONSTRAINT pk_matters PRIMARY KEY {autoincrement},
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    title VARCHAR(60) NOT NULL,
    category VARCHAR(20) NOT NULL,
    summary TEXT NOT NULL,
    village_id INTEGER,
    state VARCHAR(30) NOT NULL,
    outcome VARCHAR(30),
    reason TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_on DATE,
    decided_on DATE,
    project_id INTEGER,
    created_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_matters_number UNIQUE (body_id, year, number),
    CONSTRAINT ck_matters_decided_with_outcome CHECK ((state = 'decided') = (outcome is not null)),
    CONSTRAINT ck_matters_candidate_has_project CHECK (outcome <> 'candidate' or project_id is not null),
    CONSTRAINT ck_matters_declined_says_why CHECK (outcome <> 'declined' or length(reason) > 0),
    CONSTRAINT ck_matters_matterstate CHECK (state IN ('open', 'transferred', 'reported', 'decided')),
    CONSTRAINT ck_matters_outcome
        CHECK (outcome IN ('candidate', 'reserve', 'deputy_proposal', 'declined', 'out_of_scope')),
    CONSTRAINT fk_matters_village_id FOREIGN KEY (village_id) REFERENCES villages (id),
    CONSTRAINT fk_matters_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_matters_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_matters_body_id ON matters (body_id);
CREATE INDEX ix_matters_body_year ON matters (body_id, year, state);
CREATE INDEX ix_matters_project_id ON matters (project_id);
CREATE INDEX ix_matters_village_id ON matters (village_id);

CREATE TABLE stations (
    id {serial} NOT NULL CONSTRAINT pk_stations PRIMARY KEY {autoincrement},
    name VARCHAR(60) NOT NULL,
    place VARCHAR(100) NOT NULL,
    "key" VARCHAR(40) NOT NULL,
    active BOOLEAN NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_stations_name UNIQUE (body_id, name),
    CONSTRAINT uq_stations_key UNIQUE ("key"),
    CONSTRAINT fk_stations_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_stations_body_id ON stations (body_id);

CREATE TABLE seasons (
    id {serial} NOT NULL CONSTRAINT pk_seasons PRIMARY KEY {autoincrement},
    year INTEGER NOT NULL,
    title VARCHAR(100) NOT NULL,
    opens_on DATE NOT NULL,
    closes_on DATE NOT NULL,
    notice TEXT NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_seasons_year UNIQUE (body_id, year),
    CONSTRAINT ck_seasons_closes_after_opening CHECK (closes_on >= opens_on),
    CONSTRAINT fk_seasons_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_seasons_body_id ON seasons (body_id);

CREATE TABLE suggestions (
    id {serial} NOT NULL CONSTRAINT pk_suggestions PRIMARY KEY {autoincrement},
    season_id INTEGER,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    code VARCHAR(10) NOT NULL,
    channel VARCHAR(30) NOT NULL,
    title VARCHAR(60) NOT NULL,
    content TEXT NOT NULL,
    category VARCHAR(20) NOT NULL,
    village_id INTEGER,
    place VARCHAR(100) NOT NULL,
    station_id INTEGER,
    deputy_id INTEGER,
    state VARCHAR(30) NOT NULL,
    refusal VARCHAR(200) NOT NULL,
    matter_id INTEGER,
    received_at {moment} NOT NULL,
    entered_by VARCHAR(60) NOT NULL,
    satisfaction VARCHAR(20),
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_suggestions_number UNIQUE (body_id, year, number),
    CONSTRAINT uq_suggestions_code UNIQUE (code),
    CONSTRAINT ck_suggestions_filed_in_a_matter CHECK ((state = 'filed') = (matter_id is not null)),
    CONSTRAINT ck_suggestions_refused_says_why CHECK ((state = 'refused') = (length(refusal) > 0)),
    CONSTRAINT ck_suggestions_station CHECK (channel <> 'station' or station_id is not null),
    CONSTRAINT ck_suggestions_deputy CHECK (channel <> 'deputy' or deputy_id is not null),
    CONSTRAINT ck_suggestions_satisfaction
        CHECK (satisfaction is null or satisfaction in ('satisfied', 'basically', 'dissatisfied')),
    CONSTRAINT ck_suggestions_channel
        CHECK (channel IN ('web', 'station', 'deputy', 'visit', 'hotline', 'letter', 'other')),
    CONSTRAINT ck_suggestions_suggestionstate CHECK (state IN ('received', 'filed', 'refused')),
    CONSTRAINT fk_suggestions_season_id FOREIGN KEY (season_id) REFERENCES seasons (id),
    CONSTRAINT fk_suggestions_village_id FOREIGN KEY (village_id) REFERENCES villages (id),
    CONSTRAINT fk_suggestions_station_id FOREIGN KEY (station_id) REFERENCES stations (id),
    CONSTRAINT fk_suggestions_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_suggestions_matter_id FOREIGN KEY (matter_id) REFERENCES matters (id),
    CONSTRAINT fk_suggestions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_suggestions_body_id ON suggestions (body_id);
CREATE INDEX ix_suggestions_body_year ON suggestions (body_id, year, state);
CREATE INDEX ix_suggestions_deputy_id ON suggestions (deputy_id);
CREATE INDEX ix_suggestions_matter_id ON suggestions (matter_id);
CREATE INDEX ix_suggestions_season_id ON suggestions (season_id);
CREATE INDEX ix_suggestions_station_id ON suggestions (station_id);
CREATE INDEX ix_suggestions_village_id ON suggestions (village_id);

CREATE TABLE attachments (
    id {serial} NOT NULL CONSTRAINT pk_attachments PRIMARY KEY {autoincrement},
    project_id INTEGER,
    report_id INTEGER,
    suggestion_id INTEGER,
    note_id INTEGER,
    answer_id INTEGER,
    acceptance_id INTEGER,
    filename VARCHAR(200) NOT NULL,
    caption VARCHAR(100) NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    size INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    is_picture BOOLEAN NOT NULL,
    width INTEGER,
    height INTEGER,
    added_by VARCHAR(60) NOT NULL,
    added_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_attachments_one_owner
        CHECK (case when project_id is null then 0 else 1 end
            + case when report_id is null then 0 else 1 end
            + case when suggestion_id is null then 0 else 1 end
            + case when note_id is null then 0 else 1 end
            + case when answer_id is null then 0 else 1 end
            + case when acceptance_id is null then 0 else 1 end = 1),
    CONSTRAINT ck_attachments_size_not_negative CHECK (size >= 0),
    CONSTRAINT fk_attachments_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_attachments_report_id FOREIGN KEY (report_id) REFERENCES reports (id),
    CONSTRAINT fk_attachments_suggestion_id FOREIGN KEY (suggestion_id) REFERENCES suggestions (id),
    CONSTRAINT fk_attachments_note_id FOREIGN KEY (note_id) REFERENCES inspection_notes (id),
    CONSTRAINT fk_attachments_answer_id FOREIGN KEY (answer_id) REFERENCES rectification_answers (id),
    CONSTRAINT fk_attachments_acceptance_id FOREIGN KEY (acceptance_id) REFERENCES acceptances (id),
    CONSTRAINT fk_attachments_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_attachments_acceptance_id ON attachments (acceptance_id);
CREATE INDEX ix_attachments_answer_id ON attachments (answer_id);
CREATE INDEX ix_attachments_body_id ON attachments (body_id);
CREATE INDEX ix_attachments_note_id ON attachments (note_id);
CREATE INDEX ix_attachments_project_id ON attachments (project_id);
CREATE INDEX ix_attachments_report_id ON attachments (report_id);
CREATE INDEX ix_attachments_suggestion_id ON attachments (suggestion_id);

CREATE TABLE project_villages (
    project_id INTEGER NOT NULL,
    village_id INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_project_villages PRIMARY KEY (project_id, village_id),
    CONSTRAINT fk_project_villages_project_id
        FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
    CONSTRAINT fk_project_villages_village_id FOREIGN KEY (village_id) REFERENCES villages (id),
    CONSTRAINT fk_project_villages_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_project_villages_body_id ON project_villages (body_id);
CREATE INDEX ix_project_villages_village_id ON project_villages (village_id);

CREATE TABLE authors (
    suggestion_id INTEGER NOT NULL,
    kind VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    phone VARCHAR(20) NOT NULL,
    unit VARCHAR(100) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_authors PRIMARY KEY (suggestion_id),
    CONSTRAINT ck_authors_authorkind CHECK (kind IN ('citizen', 'deputy', 'unit')),
    CONSTRAINT fk_authors_suggestion_id FOREIGN KEY (suggestion_id) REFERENCES suggestions (id),
    CONSTRAINT fk_authors_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_authors_body_id ON authors (body_id);

CREATE TABLE matter_decisions (
    id {serial} NOT NULL CONSTRAINT pk_matter_decisions PRIMARY KEY {autoincrement},
    matter_id INTEGER NOT NULL,
    year INTEGER NOT NULL,
    outcome VARCHAR(30) NOT NULL,
    reason TEXT NOT NULL,
    answer TEXT NOT NULL,
    decided_on DATE NOT NULL,
    decided_by VARCHAR(60) NOT NULL,
    project_id INTEGER,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_matter_decisions_outcome
        CHECK (outcome IN ('candidate', 'reserve', 'deputy_proposal', 'declined', 'out_of_scope')),
    CONSTRAINT fk_matter_decisions_matter_id FOREIGN KEY (matter_id) REFERENCES matters (id),
    CONSTRAINT fk_matter_decisions_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_matter_decisions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_matter_decisions_body_id ON matter_decisions (body_id);
CREATE INDEX ix_matter_decisions_matter_id ON matter_decisions (matter_id);

CREATE TABLE transfers (
    id {serial} NOT NULL CONSTRAINT pk_transfers PRIMARY KEY {autoincrement},
    matter_id INTEGER NOT NULL,
    department_id INTEGER NOT NULL,
    state VARCHAR(30) NOT NULL,
    complex BOOLEAN NOT NULL,
    sent_on DATE NOT NULL,
    due_on DATE NOT NULL,
    instruction TEXT NOT NULL,
    returned_on DATE,
    return_reason VARCHAR(200) NOT NULL,
    proposal VARCHAR(30),
    opinion TEXT NOT NULL,
    answered_on DATE,
    answered_by VARCHAR(60) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_transfers_due_after_sent CHECK (due_on >= sent_on),
    CONSTRAINT ck_transfers_returned_says_why CHECK ((state = 'returned') = (length(return_reason) > 0)),
    CONSTRAINT ck_transfers_answered_on_a_day CHECK (state <> 'answered' or answered_on is not null),
    CONSTRAINT ck_transfers_transferstate CHECK (state IN ('sent', 'returned', 'answered', 'recalled')),
    CONSTRAINT ck_transfers_outcome
        CHECK (proposal IN ('candidate', 'reserve', 'deputy_proposal', 'declined', 'out_of_scope')),
    CONSTRAINT fk_transfers_matter_id FOREIGN KEY (matter_id) REFERENCES matters (id),
    CONSTRAINT fk_transfers_department_id FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT fk_transfers_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_transfers_body_id ON transfers (body_id);
CREATE INDEX ix_transfers_department_id ON transfers (department_id);
CREATE INDEX ix_transfers_matter_id ON transfers (matter_id);
CREATE UNIQUE INDEX uq_transfers_open ON transfers (matter_id) WHERE state = 'sent';

CREATE TABLE attendance (
    session_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    state VARCHAR(30) NOT NULL,
    at {moment} NOT NULL,
    how VARCHAR(20) NOT NULL,
    recorded_by VARCHAR(60) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_attendance PRIMARY KEY (session_id, deputy_id),
    CONSTRAINT ck_attendance_attendancestate CHECK (state IN ('present', 'leave', 'left')),
    CONSTRAINT fk_attendance_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_attendance_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_attendance_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_attendance_body_id ON attendance (body_id);

CREATE TABLE cards (
    id {serial} NOT NULL CONSTRAINT pk_cards PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    salt {bytes} NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    pin_hash VARCHAR(64) NOT NULL,
    issued_at {moment} NOT NULL,
    voided_at {moment},
    void_reason VARCHAR(200),
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_cards_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_cards_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_cards_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_cards_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_cards_body_id ON cards (body_id);
CREATE INDEX ix_cards_deputy_id ON cards (deputy_id);
CREATE UNIQUE INDEX uq_cards_active ON cards (session_id, deputy_id) WHERE voided_at is null;

CREATE TABLE tellers (
    id {serial} NOT NULL CONSTRAINT pk_tellers PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    role VARCHAR(30) NOT NULL,
    nominated_by_id INTEGER,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_tellers_deputy UNIQUE (session_id, deputy_id),
    CONSTRAINT ck_tellers_tellerrole CHECK (role IN ('chief', 'teller')),
    CONSTRAINT fk_tellers_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_tellers_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_tellers_nominated_by_id FOREIGN KEY (nominated_by_id) REFERENCES delegations (id),
    CONSTRAINT fk_tellers_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_tellers_body_id ON tellers (body_id);
CREATE INDEX ix_tellers_deputy_id ON tellers (deputy_id);
CREATE UNIQUE INDEX uq_tellers_one_chief ON tellers (session_id) WHERE role = 'chief';

CREATE TABLE refusals (
    id {serial} NOT NULL CONSTRAINT pk_refusals PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    role VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    reason VARCHAR(300) NOT NULL,
    result_digest VARCHAR(64) NOT NULL,
    refused_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_refusals_deputy UNIQUE (round_id, deputy_id),
    CONSTRAINT ck_refusals_reason CHECK (length(reason) > 0),
    CONSTRAINT ck_refusals_tellerrole CHECK (role IN ('chief', 'teller')),
    CONSTRAINT fk_refusals_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_refusals_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_refusals_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_refusals_body_id ON refusals (body_id);
CREATE INDEX ix_refusals_round_id ON refusals (round_id);

CREATE TABLE motions (
    id {serial} NOT NULL CONSTRAINT pk_motions PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    title VARCHAR(100) NOT NULL,
    roster INTEGER NOT NULL,
    present INTEGER NOT NULL,
    votes_for INTEGER NOT NULL,
    votes_against INTEGER NOT NULL,
    abstentions INTEGER NOT NULL,
    passed BOOLEAN NOT NULL,
    decided_on DATE NOT NULL,
    recorded_by VARCHAR(60) NOT NULL,
    recorded_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_motions_title UNIQUE (session_id, title),
    CONSTRAINT ck_motions_figures
        CHECK (votes_for >= 0 and votes_against >= 0 and abstentions >= 0
            and votes_for + votes_against + abstentions <= present and present <= roster),
    CONSTRAINT fk_motions_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_motions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_motions_body_id ON motions (body_id);
CREATE INDEX ix_motions_session_id ON motions (session_id);

CREATE TABLE halls (
    id {serial} NOT NULL CONSTRAINT pk_halls PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_halls_name UNIQUE (session_id, name),
    CONSTRAINT fk_halls_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_halls_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_halls_body_id ON halls (body_id);
CREATE INDEX ix_halls_session_id ON halls (session_id);

CREATE TABLE hall_delegations (
    session_id INTEGER NOT NULL,
    delegation_id INTEGER NOT NULL,
    hall_id INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_hall_delegations PRIMARY KEY (session_id, delegation_id),
    CONSTRAINT fk_hall_delegations_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_hall_delegations_delegation_id FOREIGN KEY (delegation_id) REFERENCES delegations (id),
    CONSTRAINT fk_hall_delegations_hall_id FOREIGN KEY (hall_id) REFERENCES halls (id),
    CONSTRAINT fk_hall_delegations_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_hall_delegations_body_id ON hall_delegations (body_id);
CREATE INDEX ix_hall_delegations_hall_id ON hall_delegations (hall_id);

CREATE TABLE screens (
    id {serial} NOT NULL CONSTRAINT pk_screens PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    "key" VARCHAR(40) NOT NULL,
    "view" VARCHAR(20) NOT NULL,
    round_id INTEGER,
    created_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_screens_name UNIQUE (session_id, name),
    CONSTRAINT uq_screens_key UNIQUE ("key"),
    CONSTRAINT ck_screens_view CHECK (view in ('auto', 'blank', 'sign_in', 'voting', 'result')),
    CONSTRAINT fk_screens_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_screens_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_screens_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_screens_body_id ON screens (body_id);
CREATE INDEX ix_screens_session_id ON screens (session_id);

CREATE TABLE pairings (
    id {serial} NOT NULL CONSTRAINT pk_pairings PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    code VARCHAR(6) NOT NULL,
    secret_hash VARCHAR(64) NOT NULL,
    created_at {moment} NOT NULL,
    expires_at {moment} NOT NULL,
    deputy_id INTEGER,
    confirmed_at {moment},
    used_at {moment},
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_pairings_code UNIQUE (session_id, code),
    CONSTRAINT uq_pairings_secret_hash UNIQUE (secret_hash),
    CONSTRAINT ck_pairings_confirmed_for_somebody CHECK ((deputy_id is null) = (confirmed_at is null)),
    CONSTRAINT fk_pairings_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_pairings_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_pairings_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_pairings_body_id ON pairings (body_id);
CREATE INDEX ix_pairings_session_id ON pairings (session_id);

CREATE TABLE candidates (
    id {serial} NOT NULL CONSTRAINT pk_candidates PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    summary TEXT NOT NULL,
    amount VARCHAR(30) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_candidates_number UNIQUE (round_id, number),
    CONSTRAINT uq_candidates_project UNIQUE (round_id, project_id),
    CONSTRAINT ck_candidates_number CHECK (number >= 1),
    CONSTRAINT fk_candidates_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_candidates_project_id FOREIGN KEY (project_id) REFERENCES projects (id),
    CONSTRAINT fk_candidates_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_candidates_body_id ON candidates (body_id);

CREATE TABLE presidium_decisions (
    id {serial} NOT NULL CONSTRAINT pk_presidium_decisions PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    chosen JSON NOT NULL,
    decided_on DATE NOT NULL,
    note VARCHAR(200) NOT NULL,
    recorded_by VARCHAR(60) NOT NULL,
    recorded_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_presidium_decisions_round UNIQUE (round_id),
    CONSTRAINT fk_presidium_decisions_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_presidium_decisions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_presidium_decisions_body_id ON presidium_decisions (body_id);

CREATE TABLE roll_entries (
    round_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    number VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    delegation VARCHAR(60) NOT NULL,
    hall VARCHAR(60),
    present BOOLEAN NOT NULL,
    late_by VARCHAR(60),
    CONSTRAINT pk_roll_entries PRIMARY KEY (round_id, deputy_id),
    CONSTRAINT fk_roll_entries_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_roll_entries_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id)
);

CREATE TABLE signatures (
    id {serial} NOT NULL CONSTRAINT pk_signatures PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    role VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    result_digest VARCHAR(64) NOT NULL,
    signed_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_signatures_deputy UNIQUE (round_id, deputy_id),
    CONSTRAINT ck_signatures_tellerrole CHECK (role IN ('chief', 'teller')),
    CONSTRAINT fk_signatures_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_signatures_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_signatures_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_signatures_body_id ON signatures (body_id);
CREATE INDEX ix_signatures_round_id ON signatures (round_id);

CREATE TABLE events (
    id {serial} NOT NULL CONSTRAINT pk_events PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at {moment} NOT NULL,
    kind VARCHAR(30) NOT NULL,
    payload JSON NOT NULL,
    previous VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_events_position UNIQUE (round_id, position),
    CONSTRAINT fk_events_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_events_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_events_body_id ON events (body_id);

CREATE TABLE announcements (
    id {serial} NOT NULL CONSTRAINT pk_announcements PRIMARY KEY {autoincrement},
    session_id INTEGER NOT NULL,
    round_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    announced_on DATE NOT NULL,
    published_by VARCHAR(60) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_announcements_round UNIQUE (round_id),
    CONSTRAINT uq_announcements_number UNIQUE (session_id, number),
    CONSTRAINT fk_announcements_session_id FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT fk_announcements_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_announcements_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_announcements_body_id ON announcements (body_id);

CREATE TABLE turnout (
    round_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    channel VARCHAR(10) NOT NULL,
    resend_mark VARCHAR(64),
    CONSTRAINT pk_turnout PRIMARY KEY (round_id, deputy_id),
    CONSTRAINT ck_turnout_channel CHECK (channel in ('phone', 'paper')),
    CONSTRAINT fk_turnout_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_turnout_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id)
) {without_rowid};

CREATE TABLE ballots (
    round_id INTEGER NOT NULL,
    code VARCHAR(10) NOT NULL,
    marks JSON NOT NULL,
    source VARCHAR(10) NOT NULL,
    spoilt BOOLEAN NOT NULL,
    secret BOOLEAN NOT NULL,
    deputy_id INTEGER,
    CONSTRAINT pk_ballots PRIMARY KEY (round_id, code),
    CONSTRAINT ck_ballots_secret_names_nobody CHECK (not secret or deputy_id is null),
    CONSTRAINT ck_ballots_source CHECK (source in ('phone', 'paper')),
    CONSTRAINT fk_ballots_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_ballots_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id)
) {without_rowid};

CREATE TABLE ballot_rewrites (
    round_id INTEGER NOT NULL,
    CONSTRAINT pk_ballot_rewrites PRIMARY KEY (round_id),
    CONSTRAINT fk_ballot_rewrites_round_id FOREIGN KEY (round_id) REFERENCES rounds (id)
);

CREATE TABLE paper_stacks (
    id {serial} NOT NULL CONSTRAINT pk_paper_stacks PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    sheets INTEGER NOT NULL,
    left_over INTEGER,
    printed_at {moment} NOT NULL,
    printed_by VARCHAR(60) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_paper_stacks_serial UNIQUE (round_id, serial),
    CONSTRAINT ck_paper_stacks_serial CHECK (serial >= 1),
    CONSTRAINT ck_paper_stacks_sheets CHECK (sheets >= 1),
    CONSTRAINT ck_paper_stacks_left_over CHECK (left_over is null or left_over between 0 and sheets),
    CONSTRAINT fk_paper_stacks_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_paper_stacks_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_paper_stacks_body_id ON paper_stacks (body_id);

CREATE TABLE paper_boxes (
    id {serial} NOT NULL CONSTRAINT pk_paper_boxes PRIMARY KEY {autoincrement},
    round_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    place VARCHAR(60) NOT NULL,
    papers INTEGER,
    first_keyer VARCHAR(20),
    second_keyer VARCHAR(20),
    first_keyer_name VARCHAR(60),
    second_keyer_name VARCHAR(60),
    totals JSON,
    totals_by VARCHAR(60),
    reopened INTEGER DEFAULT '0' NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_paper_boxes_number UNIQUE (round_id, number),
    CONSTRAINT ck_paper_boxes_number CHECK (number >= 1),
    CONSTRAINT ck_paper_boxes_papers CHECK (papers is null or papers >= 0),
    CONSTRAINT ck_paper_boxes_second_after_first CHECK (second_keyer is null or first_keyer is not null),
    CONSTRAINT ck_paper_boxes_two_people CHECK (first_keyer <> second_keyer),
    CONSTRAINT fk_paper_boxes_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_paper_boxes_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_paper_boxes_body_id ON paper_boxes (body_id);

CREATE TABLE paper_entries (
    box_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    reading INTEGER NOT NULL,
    marks JSON NOT NULL,
    spoilt BOOLEAN NOT NULL,
    reason VARCHAR(100) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_paper_entries PRIMARY KEY (box_id, position, reading),
    CONSTRAINT ck_paper_entries_position CHECK (position >= 1),
    CONSTRAINT ck_paper_entries_reading CHECK (reading in (1, 2)),
    CONSTRAINT ck_paper_entries_spoilt_says_why CHECK (spoilt = (length(reason) > 0)),
    CONSTRAINT fk_paper_entries_box_id FOREIGN KEY (box_id) REFERENCES paper_boxes (id),
    CONSTRAINT fk_paper_entries_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_paper_entries_body_id ON paper_entries (body_id);

CREATE TABLE paper_decisions (
    box_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    marks JSON NOT NULL,
    spoilt BOOLEAN NOT NULL,
    reason VARCHAR(100) NOT NULL,
    deputy_id INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    decided_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_paper_decisions PRIMARY KEY (box_id, position),
    CONSTRAINT ck_paper_decisions_position CHECK (position >= 1),
    CONSTRAINT ck_paper_decisions_spoilt_says_why CHECK (spoilt = (length(reason) > 0)),
    CONSTRAINT fk_paper_decisions_box_id FOREIGN KEY (box_id) REFERENCES paper_boxes (id),
    CONSTRAINT fk_paper_decisions_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_paper_decisions_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_paper_decisions_body_id ON paper_decisions (body_id);

CREATE TABLE milestones (
    id {serial} NOT NULL CONSTRAINT pk_milestones PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    planned_on DATE NOT NULL,
    planned_percent INTEGER NOT NULL,
    actual_on DATE,
    note VARCHAR(200) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_milestones_percent CHECK (planned_percent between 0 and 100),
    CONSTRAINT fk_milestones_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_milestones_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_milestones_body_id ON milestones (body_id);
CREATE INDEX ix_milestones_tracking_id ON milestones (tracking_id);

CREATE TABLE part_reports (
    report_id INTEGER NOT NULL,
    subproject_id INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_part_reports PRIMARY KEY (report_id, subproject_id),
    CONSTRAINT ck_part_reports_percent CHECK (percent between 0 and 100),
    CONSTRAINT fk_part_reports_report_id FOREIGN KEY (report_id) REFERENCES reports (id) ON DELETE CASCADE,
    CONSTRAINT fk_part_reports_subproject_id FOREIGN KEY (subproject_id) REFERENCES subprojects (id)
);
CREATE INDEX ix_part_reports_subproject_id ON part_reports (subproject_id);

CREATE TABLE report_money (
    report_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    source VARCHAR(60) NOT NULL,
    planned NUMERIC(14, 2) NOT NULL,
    in_place NUMERIC(14, 2) NOT NULL,
    paid NUMERIC(14, 2) NOT NULL,
    CONSTRAINT pk_report_money PRIMARY KEY (report_id, position),
    CONSTRAINT ck_report_money_not_negative CHECK (planned >= 0 and in_place >= 0 and paid >= 0),
    CONSTRAINT fk_report_money_report_id FOREIGN KEY (report_id) REFERENCES reports (id) ON DELETE CASCADE
);

CREATE TABLE adjustments (
    id {serial} NOT NULL CONSTRAINT pk_adjustments PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    kind VARCHAR(30) NOT NULL,
    cause VARCHAR(30) NOT NULL,
    reason TEXT NOT NULL,
    "before" JSON NOT NULL,
    "after" JSON NOT NULL,
    state VARCHAR(30) NOT NULL,
    applied_on DATE NOT NULL,
    applied_by VARCHAR(60) NOT NULL,
    organ VARCHAR(60) NOT NULL,
    document_number VARCHAR(60) NOT NULL,
    opinion TEXT NOT NULL,
    decided_on DATE,
    announced_on DATE,
    notice TEXT NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_adjustments_decided_on_a_day
        CHECK (state not in ('approved', 'refused') or decided_on is not null),
    CONSTRAINT ck_adjustments_announced_when_approved CHECK (announced_on is null or state = 'approved'),
    CONSTRAINT ck_adjustments_adjustmentkind
        CHECK (kind IN ('major', 'suspend', 'terminate', 'resume', 'minor')),
    CONSTRAINT ck_adjustments_adjustmentcause CHECK (cause IN ('force_majeure', 'policy', 'other')),
    CONSTRAINT ck_adjustments_adjustmentstate
        CHECK (state IN ('applied', 'approved', 'refused', 'withdrawn')),
    CONSTRAINT fk_adjustments_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_adjustments_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_adjustments_body_id ON adjustments (body_id);
CREATE INDEX ix_adjustments_tracking_id ON adjustments (tracking_id);
CREATE UNIQUE INDEX uq_adjustments_applied ON adjustments (tracking_id) WHERE state = 'applied';

CREATE TABLE acceptance_items (
    acceptance_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    dimension VARCHAR(40) NOT NULL,
    mark VARCHAR(30) NOT NULL,
    note VARCHAR(200) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_acceptance_items PRIMARY KEY (acceptance_id, position),
    CONSTRAINT ck_acceptance_items_mark CHECK (mark IN ('met', 'partly', 'unmet')),
    CONSTRAINT fk_acceptance_items_acceptance_id
        FOREIGN KEY (acceptance_id) REFERENCES acceptances (id) ON DELETE CASCADE,
    CONSTRAINT fk_acceptance_items_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_acceptance_items_body_id ON acceptance_items (body_id);

CREATE TABLE rereports (
    id {serial} NOT NULL CONSTRAINT pk_rereports PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    round_id INTEGER,
    reason TEXT NOT NULL,
    demanded_on DATE NOT NULL,
    due_on DATE NOT NULL,
    state VARCHAR(30) NOT NULL,
    text TEXT NOT NULL,
    submitted_on DATE,
    submitted_by VARCHAR(60) NOT NULL,
    opinion TEXT NOT NULL,
    settled_on DATE,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_rereports_round UNIQUE (tracking_id, round_id),
    CONSTRAINT ck_rereports_due_after_demand CHECK (due_on >= demanded_on),
    CONSTRAINT ck_rereports_submitted_on_a_day CHECK (state = 'demanded' or submitted_on is not null),
    CONSTRAINT ck_rereports_rereportstate CHECK (state IN ('demanded', 'submitted', 'accepted')),
    CONSTRAINT fk_rereports_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_rereports_round_id FOREIGN KEY (round_id) REFERENCES rounds (id),
    CONSTRAINT fk_rereports_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_rereports_body_id ON rereports (body_id);
CREATE INDEX ix_rereports_tracking_id ON rereports (tracking_id);

CREATE TABLE citizen_ratings (
    id {serial} NOT NULL CONSTRAINT pk_citizen_ratings PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    week DATE NOT NULL,
    phone VARCHAR(64) NOT NULL,
    grade VARCHAR(20) NOT NULL,
    comment TEXT NOT NULL,
    rated_on DATE NOT NULL,
    reply TEXT NOT NULL,
    published BOOLEAN NOT NULL,
    note_to_unit TEXT NOT NULL,
    noted_on DATE,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_citizen_ratings_once UNIQUE (tracking_id, week, phone),
    CONSTRAINT ck_citizen_ratings_grade CHECK (grade in ('satisfied', 'basically', 'dissatisfied')),
    CONSTRAINT fk_citizen_ratings_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_citizen_ratings_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_citizen_ratings_body_id ON citizen_ratings (body_id);
CREATE INDEX ix_citizen_ratings_tracking_id ON citizen_ratings (tracking_id);

CREATE TABLE reminders_sent (
    id {serial} NOT NULL CONSTRAINT pk_reminders_sent PRIMARY KEY {autoincrement},
    "key" VARCHAR(120) NOT NULL,
    channel VARCHAR(20) NOT NULL,
    sent_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_reminders_sent_once UNIQUE (body_id, "key", channel),
    CONSTRAINT fk_reminders_sent_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_reminders_sent_body_id ON reminders_sent (body_id);

CREATE TABLE supervision_groups (
    id {serial} NOT NULL CONSTRAINT pk_supervision_groups PRIMARY KEY {autoincrement},
    tracking_id INTEGER NOT NULL,
    lead VARCHAR(60) NOT NULL,
    lead_deputy_id INTEGER,
    committee VARCHAR(60) NOT NULL,
    note VARCHAR(200) NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_supervision_groups_tracking_id UNIQUE (tracking_id),
    CONSTRAINT fk_supervision_groups_tracking_id FOREIGN KEY (tracking_id) REFERENCES trackings (id),
    CONSTRAINT fk_supervision_groups_lead_deputy_id FOREIGN KEY (lead_deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_supervision_groups_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_supervision_groups_body_id ON supervision_groups (body_id);

CREATE TABLE group_members (
    group_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_group_members PRIMARY KEY (group_id, deputy_id),
    CONSTRAINT fk_group_members_group_id
        FOREIGN KEY (group_id) REFERENCES supervision_groups (id) ON DELETE CASCADE,
    CONSTRAINT fk_group_members_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_group_members_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_group_members_body_id ON group_members (body_id);
CREATE INDEX ix_group_members_deputy_id ON group_members (deputy_id);

CREATE TABLE inspection_members (
    inspection_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    attended BOOLEAN NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_inspection_members PRIMARY KEY (inspection_id, deputy_id),
    CONSTRAINT fk_inspection_members_inspection_id
        FOREIGN KEY (inspection_id) REFERENCES inspections (id) ON DELETE CASCADE,
    CONSTRAINT fk_inspection_members_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_inspection_members_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_inspection_members_body_id ON inspection_members (body_id);
CREATE INDEX ix_inspection_members_deputy_id ON inspection_members (deputy_id);

CREATE TABLE duty_meetings (
    id {serial} NOT NULL CONSTRAINT pk_duty_meetings PRIMARY KEY {autoincrement},
    kind VARCHAR(30) NOT NULL,
    title VARCHAR(100) NOT NULL,
    held_on DATE NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT uq_duty_meetings_title UNIQUE (body_id, title),
    CONSTRAINT ck_duty_meetings_dutymeetingkind CHECK (kind IN ('committee', 'special', 'other')),
    CONSTRAINT fk_duty_meetings_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_duty_meetings_body_id ON duty_meetings (body_id);

CREATE TABLE duty_attendance (
    meeting_id INTEGER NOT NULL,
    deputy_id INTEGER NOT NULL,
    state VARCHAR(30) NOT NULL,
    spoke BOOLEAN NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT pk_duty_attendance PRIMARY KEY (meeting_id, deputy_id),
    CONSTRAINT ck_duty_attendance_spoke_when_present CHECK (not spoke or state = 'present'),
    CONSTRAINT ck_duty_attendance_dutyattendancestate CHECK (state IN ('present', 'leave', 'absent')),
    CONSTRAINT fk_duty_attendance_meeting_id
        FOREIGN KEY (meeting_id) REFERENCES duty_meetings (id) ON DELETE CASCADE,
    CONSTRAINT fk_duty_attendance_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_duty_attendance_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_duty_attendance_body_id ON duty_attendance (body_id);
CREATE INDEX ix_duty_attendance_deputy_id ON duty_attendance (deputy_id);

CREATE TABLE duty_entries (
    id {serial} NOT NULL CONSTRAINT pk_duty_entries PRIMARY KEY {autoincrement},
    deputy_id INTEGER NOT NULL,
    kind VARCHAR(30) NOT NULL,
    held_on DATE NOT NULL,
    title VARCHAR(100) NOT NULL,
    text TEXT NOT NULL,
    state VARCHAR(30) NOT NULL,
    refusal VARCHAR(200) NOT NULL,
    by_deputy BOOLEAN NOT NULL,
    entered_by VARCHAR(60) NOT NULL,
    entered_at {moment} NOT NULL,
    body_id INTEGER NOT NULL,
    CONSTRAINT ck_duty_entries_refused_says_why CHECK ((state = 'refused') = (length(refusal) > 0)),
    CONSTRAINT ck_duty_entries_dutykind
        CHECK (kind IN ('training', 'visit', 'research', 'speech', 'group', 'report', 'award', 'other')),
    CONSTRAINT ck_duty_entries_dutystate CHECK (state IN ('entered', 'confirmed', 'refused')),
    CONSTRAINT fk_duty_entries_deputy_id FOREIGN KEY (deputy_id) REFERENCES deputies (id),
    CONSTRAINT fk_duty_entries_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_duty_entries_body_id ON duty_entries (body_id);
CREATE INDEX ix_duty_entries_deputy_id ON duty_entries (deputy_id);

CREATE TABLE audit_entries (
    id {serial} NOT NULL CONSTRAINT pk_audit_entries PRIMARY KEY {autoincrement},
    body_id INTEGER,
    at {moment} NOT NULL,
    user_id INTEGER,
    who VARCHAR(200) NOT NULL,
    role VARCHAR(100) NOT NULL,
    action VARCHAR(60) NOT NULL,
    about_kind VARCHAR(40),
    about_id INTEGER,
    about VARCHAR(300),
    "before" JSON,
    "after" JSON,
    outcome VARCHAR(10) NOT NULL,
    message TEXT,
    address VARCHAR(60),
    CONSTRAINT ck_audit_entries_outcome CHECK (outcome in ('done', 'refused')),
    CONSTRAINT ck_audit_entries_no_ballot_acts CHECK (action not like 'ballot.%'),
    CONSTRAINT fk_audit_entries_body_id FOREIGN KEY (body_id) REFERENCES bodies (id),
    CONSTRAINT fk_audit_entries_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_audit_entries_body_at ON audit_entries (body_id, at);
"""

#: A paper ballot's readings may be written while its round is open or closed, and no more once it is counted.
COUNTED = (
    "NOT EXISTS (SELECT 1 FROM paper_boxes b JOIN rounds r ON r.id = b.round_id "
    "WHERE b.id = {row}.box_id AND r.state IN ('opened', 'closed'))"
)
#: At the close all ballots of a round are rewritten once. This row exists in that transaction only.
NO_REWRITE = "NOT EXISTS (SELECT 1 FROM ballot_rewrites w WHERE w.round_id = OLD.round_id)"

COUNTED_MESSAGE = "a counted pile stays as it was read"

#: Trigger, table, what it refuses, under which condition ("": always), the database's message.
TRIGGERS = [
    ("ballots_no_update", "ballots", "UPDATE", "", "ballots are never changed"),
    ("ballots_no_delete", "ballots", "DELETE", NO_REWRITE, "ballots are never removed"),
    ("events_no_update", "events", "UPDATE", "", "events are never changed"),
    ("events_no_delete", "events", "DELETE", "", "events are never removed"),
    ("signatures_no_update", "signatures", "UPDATE", "", "signatures are never changed"),
    ("signatures_no_delete", "signatures", "DELETE", "", "signatures are never removed"),
    ("audit_entries_no_update", "audit_entries", "UPDATE", "", "audit entries are never changed"),
    ("audit_entries_no_delete", "audit_entries", "DELETE", "", "audit entries are never removed"),
    ("refusals_no_update", "refusals", "UPDATE", "", "refusals are never changed"),
    ("refusals_no_delete", "refusals", "DELETE", "", "refusals are never changed"),
    *(
        (f"{table}_{verb.lower()}_while_closed", table, verb, COUNTED.format(row=row), COUNTED_MESSAGE)
        for table in ("paper_entries", "paper_decisions")
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
]


def upgrade() -> None:
    """Run every statement in the transaction of the migration."""
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)


def statements(dialect: str) -> list[str]:
    """List the statements that make the schema on ``dialect``: "sqlite" or "postgresql"."""
    # A constraint stands on one line: SQLAlchemy reads SQLite's constraints back out of this text line by line.
    text = re.sub(r"\n {8,}", " ", SCHEMA.format(**WORDS[dialect]))
    made = [statement.strip() for statement in text.split(";\n") if statement.strip()]
    for name, table, verb, refused, message in TRIGGERS:
        made += trigger(dialect, name, table, verb, refused, message)
    return made


def trigger(dialect: str, name: str, table: str, verb: str, refused: str, message: str) -> list[str]:
    """List the statements of one trigger that refuses ``verb`` on a row of ``table`` when ``refused`` holds."""
    if dialect == "sqlite":
        when = f"WHEN {refused} " if refused else ""
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    row = "OLD" if verb == "DELETE" else "NEW"
    error = f"RAISE EXCEPTION '{message}';"
    body = f"IF {refused} THEN {error} END IF; RETURN {row};" if refused else error
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
