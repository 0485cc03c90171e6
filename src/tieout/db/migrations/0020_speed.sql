-- What moved on an account in a month: the sum of its days, so that a trial balance of years nobody closed does not add
-- up every day of them. A projection like the days it sums up, kept by the roll-up in the same unit of work.
create table month_delta (
  ledger_id         int not null,
  account_id        int not null,
  currency          char(3) not null,
  layer             smallint not null,
  month             date not null check (extract(day from month) = 1),
  debit_minor       numeric(38) not null,
  credit_minor      numeric(38) not null,
  base_debit_minor  numeric(38) not null,
  base_credit_minor numeric(38) not null,
  n                 bigint not null,
  primary key (ledger_id, account_id, currency, layer, month)
) with (fillfactor = 70);
insert into month_delta (ledger_id, account_id, currency, layer, month, debit_minor, credit_minor, base_debit_minor,
                         base_credit_minor, n)
select ledger_id, account_id, currency, layer, date_trunc('month', effective_date)::date, sum(debit_minor),
       sum(credit_minor), sum(base_debit_minor), sum(base_credit_minor), sum(n)
  from day_delta where facet = '' group by 1, 2, 3, 4, 5;
