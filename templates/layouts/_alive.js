{# Whoever types a long text is not idle: at most every five minutes the page says so, and the cookie is renewed. #}
(function(){var asked=Date.now();addEventListener('input',function(){var t=Date.now();
if(t-asked>300000){asked=t;fetch('{{ url_for('auth.alive') }}')}})})();
